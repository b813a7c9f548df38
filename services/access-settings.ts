import { readFileSync } from 'node:fs';
import { accessRulesOf, type AccessRules } from './access/access-rules.js';
import { parseAccessTokens, TOKEN_FORMAT, type AccessToken } from './access/access-tokens.js';
import { ConfigError, type Config } from './config.js';

type AccessConfig = Pick<
  Config,
  'host' | 'apiTokens' | 'apiTokensFile' | 'adminToken' | 'allowAnonymous' | 'allowedOrigins'
>;

/**
 * Who may do what by the settings, and by the file that they name.
 *
 * @throws ConfigError where that would open the cameras unsaid, or does not tell who is who
 */
export function readAccessRules(config: AccessConfig): AccessRules {
  const { host, apiTokensFile, adminToken, allowedOrigins = new Set() } = config;
  const fromFile = apiTokensFile === undefined ? [] : readTokensFile(apiTokensFile);
  const apiTokens = [...(config.apiTokens ?? []), ...fromFile];
  const names = [...apiTokens.map(({ name }) => name), ...(adminToken ? ['admin'] : [])];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new ConfigError([
      `Expected one token for each name but received ${twice} twice in API_TOKENS, API_TOKENS_FILE and ADMIN_TOKEN`,
    ]);
  }
  const rules = accessRulesOf({ ...config, apiTokens, allowedOrigins });
  if (rules) return rules;
  throw new ConfigError([
    `HOST=${host} opens the cameras to others: set API_TOKENS, or ALLOW_ANONYMOUS=true if everybody may see them`,
  ]);
}

function readTokensFile(path: string): readonly AccessToken[] {
  const tokens = parseAccessTokens(readText(path));
  if (tokens) return tokens;
  throw new ConfigError([`Expected ${TOKEN_FORMAT} in the file of API_TOKENS_FILE`]);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError([`Expected a file that can be read for API_TOKENS_FILE but received ${code}`]);
  }
}
