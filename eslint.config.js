import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';

export default defineConfig(
  globalIgnores(['.cache/', 'build/', 'dist/', 'node_modules/']),
  js.configs.recommended,
  {
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Indexes are computed from lengths; noUncheckedIndexedAccess makes each of them say that it was thought about.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // ws exports its class under several names, and this rule takes them for several classes.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // Spreading a string into its code points is meant.
      '@typescript-eslint/no-misused-spread': 'off',
      // An unset variable often comes as an empty string, an unknown size as zero.
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { number: true, string: true } }],
      // async without await turns a throw into a rejection, which is what an interface of promises asks for.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // The runner holds the promises of its own calls.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['describe', 'it', 'suite', 'test'] },
          ],
        },
      ],
    },
  },
  {
    // Bodies of responses come untyped, and the assertions on them are the check.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    // Programs for a terminal: printing is what they do.
    files: [
      'scripts/**',
      'bench/**',
      'examples/**',
      'test/support/**',
      'test/fault/fault-run.ts',
      'test/soak/soak-run.ts',
      'simulator/simulate.ts',
    ],
    rules: { 'no-console': 'off' },
  },
  { files: ['**/*.mjs'], languageOptions: { globals: globals.node } },
  { files: ['web/**/*.js'], languageOptions: { globals: globals.browser } },
);
