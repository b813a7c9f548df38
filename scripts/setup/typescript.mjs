import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint, listFiles, root, runCommand, Stamp, timed } from './steps.mjs';

const stamp = new Stamp('dist/.framewell-setup');

/** Compiles the TypeScript into dist/. */
export async function buildTypescript() {
  const sources = listFiles(['.'], ['.ts']);
  const wanted = fingerprint([...sources, 'tsconfig.json', 'package-lock.json']);
  if (stamp.matches(wanted)) return;
  await timed('compiled the TypeScript', async () => {
    await runCommand(process.execPath, ['node_modules/typescript/bin/tsc', '--pretty', 'false']);
    removeOrphans();
  });
  stamp.write(wanted);
}

/** The compiler leaves the output of sources that are gone, and the test runner would still run it. */
function removeOrphans() {
  const outputs = listFiles(['dist'], ['.js', '.js.map', '.d.ts']);
  for (const output of outputs) {
    const source = output.replace(/^dist\//, '').replace(/(\.js|\.js\.map|\.d\.ts)$/, '.ts');
    if (!existsSync(join(root, source))) rmSync(join(root, output));
  }
}
