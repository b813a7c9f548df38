import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { readAccessRules } from '../../services/access-settings.js';
import { SERVER_KEYS } from '../../services/config-keys.js';
import { ConfigError, loadConfig } from '../../services/config.js';
import { projectRoot } from '../../services/project-root.js';
import { fencedBlocks } from '../support/fenced-blocks.js';
import { startTestApp } from '../support/test-app.js';

type Texts = Readonly<Record<string, string>>;

const SETTINGS = Object.values(SERVER_KEYS).map(({ name }) => name as string);

function read(path: string): string {
  return readFileSync(join(projectRoot, path), 'utf8');
}

/** One stage of the Dockerfile: its instructions with those of the stage that it goes on from. */
function stageOf(name: string): { readonly kind: string; readonly text: string }[] {
  const [, from, body] =
    new RegExp(`^FROM (\\S+) AS ${name}\\n(.*?)(?=^FROM |$(?![^]))`, 'ms').exec(read('Dockerfile')) ?? [];
  assert.ok(from !== undefined && body !== undefined, `Expected a stage ${name} in the Dockerfile`);
  const lines = body.replace(/^ *#.*\n/gm, '').replace(/\\\n/g, ' ');
  const own = [...lines.matchAll(/^([A-Z]+) (.*)$/gm)].map(([, kind, text]) => ({ kind: kind!, text: text! }));
  return from.includes(':') ? own : [...stageOf(from), ...own];
}

/** What the stage's last instruction of that kind says. */
function lastOf(stage: string, kind: string): string {
  const found = stageOf(stage).findLast((instruction) => instruction.kind === kind);
  assert.ok(found, `Expected ${kind} in stage ${stage} of the Dockerfile`);
  return found.text;
}

function environmentOf(stage: string): Texts {
  const texts = stageOf(stage).filter(({ kind }) => kind === 'ENV');
  return Object.fromEntries(
    texts.flatMap(({ text }) => text.split(' ').map((it) => it.split('=') as [string, string])),
  );
}

function isProgram(path: string): boolean {
  return existsSync(join(projectRoot, path.replace(/^dist\/(.*)\.js$/, '$1.ts')));
}

describe('Dockerfile', () => {
  test('the image for the CPU is the default, and asks for nothing of a card', () => {
    assert.equal([...read('Dockerfile').matchAll(/^FROM .* AS (\w+)$/gm)].at(-1)?.[1], 'cpu');
    assert.deepEqual(environmentOf('cpu'), { NODE_ENV: 'production', HOST: '0.0.0.0', PORT: '3000' });
  });

  test("the other is the same with nvJPEG, and has the toolkit bring the driver's decoder", () => {
    const { NVIDIA_DRIVER_CAPABILITIES, NVIDIA_VISIBLE_DEVICES, ...others } = environmentOf('cuda');
    assert.deepEqual(others, environmentOf('cpu'));
    assert.equal(NVIDIA_VISIBLE_DEVICES, 'all');
    assert.deepEqual(NVIDIA_DRIVER_CAPABILITIES?.split(',').sort(), ['compute', 'utility', 'video']);
    assert.match(lastOf('cuda', 'RUN'), /install .*libnvjpeg/);
  });

  for (const stage of ['cpu', 'cuda']) {
    test(`${stage}: not root, with programs that there are`, () => {
      assert.equal(lastOf(stage, 'USER'), 'framewell');
      assert.equal(lastOf(stage, 'EXPOSE'), environmentOf(stage).PORT);
      const commands = [lastOf(stage, 'CMD'), lastOf(stage, 'HEALTHCHECK').replace(/^.* CMD /, '')];
      for (const [node, program] of commands.map((text) => JSON.parse(text) as string[])) {
        assert.equal(node, 'node');
        assert.ok(isProgram(program!), program);
      }
    });
  }

  test('what it copies from the sources is not ignored', () => {
    const rules = read('.dockerignore').split('\n');
    for (const { text } of stageOf('build').filter(({ kind, text }) => kind === 'COPY' && !text.startsWith('.'))) {
      for (const source of text.split(' ').slice(0, -1)) assert.ok(rules.includes(`!${source}`), source);
    }
  });
});

describe('deploy/compose.yaml', () => {
  const { services, volumes } = parse(read('deploy/compose.yaml')) as {
    services: Record<string, { [key: string]: unknown; environment: Texts; ports: string[]; volumes: string[] }>;
    volumes: object;
  };
  const { framewell } = services;

  test('opens the port of the image on loopback alone, with settings that start', () => {
    assert.deepEqual(framewell!.ports, [`127.0.0.1:3000:${environmentOf('cpu').PORT}`]);
    for (const name of Object.keys(framewell!.environment)) assert.ok(SETTINGS.includes(name), name);
    readAccessRules(loadConfig({ ...environmentOf('cpu'), ...framewell!.environment }));
  });

  test('writes nothing but the cameras that were added, into a folder of its user', () => {
    assert.equal(framewell!.read_only, true);
    const [volume, folder] = framewell!.volumes[0]!.split(':');
    assert.deepEqual(Object.keys(volumes), [volume]);
    assert.equal(dirname(framewell!.environment.STATE_FILE!), folder);
    const made = stageOf('cpu').some(({ text }) => text.includes(`install -d -o framewell -g framewell ${folder}`));
    assert.ok(made, `Expected the image to make ${folder}`);
  });
});

describe('deploy/kubernetes.yaml', () => {
  const documents = parseAllDocuments(read('deploy/kubernetes.yaml'));
  const parts = new Map(documents.map((it) => it.toJS() as Part).map((part) => [part.kind, part]));
  const secret = parts.get('Secret') as Part & { stringData: Texts };
  const deployment = parts.get('Deployment') as Part & { spec: { selector: Selector; template: PodTemplate } };
  const service = parts.get('Service') as Part & { spec: { selector: Texts; ports: { targetPort: string }[] } };
  const { metadata, spec } = deployment.spec.template;
  const [container] = spec.containers;
  const environment = {
    ...environmentOf('cpu'),
    ...secret.stringData,
    ...Object.fromEntries(container!.env.map(({ name, value }) => [name, value])),
  };

  test('parses, and its parts name each other', () => {
    for (const { errors, warnings } of documents) assert.deepEqual([...errors, ...warnings], []);
    assert.deepEqual([...parts.keys()], ['Secret', 'Deployment', 'Service']);
    assert.deepEqual(container!.envFrom, [{ secretRef: { name: secret.metadata.name } }]);
    assert.deepEqual(deployment.spec.selector.matchLabels, metadata.labels);
    assert.deepEqual(service.spec.selector, metadata.labels);
    const ports = container!.ports.map(({ name }) => name);
    assert.deepEqual(
      service.spec.ports.map(({ targetPort }) => targetPort),
      ports,
    );
    assert.equal(container!.ports[0]!.containerPort, Number(environment.PORT));
  });

  test('does not start with the tokens that everybody can read there, and does with others', () => {
    for (const { name } of container!.env) assert.ok(SETTINGS.includes(name), name);
    assert.throws(() => loadConfig(environment), ConfigError);
    const API_TOKENS = environment.API_TOKENS!.replace('REPLACE-ME', 'f'.repeat(48));
    const config = loadConfig({ ...environment, API_TOKENS });
    readAccessRules(config);
    assert.deepEqual(
      config.cameras.map(({ id }) => id),
      ['front-door'],
    );
  });

  test('asks for paths that answer without a token', async (t) => {
    const { app } = await startTestApp(t, { apiTokens: 'anna:viewer:*:token-of-who-sees-every' });
    const expected = { startupProbe: '/healthz', livenessProbe: '/healthz', readinessProbe: '/readyz' };
    for (const [probe, path] of Object.entries(expected)) {
      const { httpGet } = container![probe] as { httpGet: { path: string; port: string } };
      assert.deepEqual(httpGet, { path, port: container!.ports[0]!.name });
      assert.notEqual((await app.inject(path)).statusCode, 401);
    }
  });

  test('runs as the user of the image, with nothing to write to and bounded memory', () => {
    assert.ok(stageOf('cpu').some(({ text }) => text.includes(`useradd --uid ${spec.securityContext.runAsUser} `)));
    assert.equal(container!.securityContext.readOnlyRootFilesystem, true);
    assert.ok(container!.resources.requests.cpu && container!.resources.limits.memory);
  });
});

test('deploy/framewell.service starts a program that there is, with settings that there are', () => {
  const unit = read('deploy/framewell.service');
  const [, program] = /^ExecStart=\/usr\/bin\/node (\S+)$/m.exec(unit)!;
  assert.ok(isProgram(program!), program);
  for (const [, text] of unit.matchAll(/^Environment=(.*)$/gm)) {
    for (const name of text!.split(' ').map((it) => it.split('=')[0]!)) {
      assert.ok(name === 'NODE_ENV' || SETTINGS.includes(name), name);
    }
  }
});

test('the YAML of docs/deployment.md parses, and names the port of the image', () => {
  const blocks = fencedBlocks('docs/deployment.md').filter(({ language }) => language === 'yaml');
  const [traefik, ...others] = blocks.map(({ text }) => parse(text) as Record<string, Texts>);
  assert.equal(traefik!.labels!['traefik.http.services.framewell.loadbalancer.server.port'], environmentOf('cpu').PORT);
  for (const block of others) assert.ok('go2rtc' in block);
});

interface Part {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Texts };
}

interface Selector {
  readonly matchLabels: Texts;
}

interface PodTemplate {
  readonly metadata: { readonly labels: Texts };
  readonly spec: { readonly securityContext: { readonly runAsUser: number }; readonly containers: Container[] };
}

interface Container {
  readonly [probe: string]: unknown;
  readonly env: { readonly name: string; readonly value: string }[];
  readonly envFrom: unknown;
  readonly ports: { readonly name: string; readonly containerPort: number }[];
  readonly resources: { readonly requests: Texts; readonly limits: Texts };
  readonly securityContext: { readonly readOnlyRootFilesystem: boolean };
}
