import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { loadConfig } from '../../services/config.js';
import { parseEnvFile } from '../../services/env-file.js';
import { projectRoot } from '../../services/project-root.js';
import { loadClip } from '../../simulator/clip/load-clip.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { Cleanup } from '../support/cleanup.js';
import { documentationPages, fencedBlocks } from '../support/fenced-blocks.js';
import { FramewellServer } from '../support/framewell-server.js';
import { requires } from '../support/requires.js';

/** Commands of the pages that are not run here, and why. */
const NOT_RUN: Readonly<Record<string, string>> = {
  'npm start': 'sets up and stays; CI begins with the same set-up, and FramewellServer starts the same program',
  'npm run bench:setup': 'installs other programs',
  'npm run bench': 'takes 30 minutes',
  'node dist/bench/bench.js': 'takes 10 minutes',
  'npm run bench:peers': 'takes 12 minutes',
  'npm run bench:scale': 'takes 8 minutes',
  'npm run build && make -C bench/jpeg-encoders': 'takes minutes, and builds what other tests are run from',
  "npm test -- --test-name-pattern='keyframe'": 'runs all tests, this one among them',
  'docker build -t framewell .': 'needs Docker; npm run image:size builds the same Dockerfile without it',
  'docker build -t framewell:cuda --target cuda .': 'needs Docker; npm run image:size -- cuda builds the same',
  'docker run --rm --read-only -p 127.0.0.1:3000:3000 -e ALLOW_ANONYMOUS=true framewell': 'needs Docker',
  'docker run --rm --read-only --gpus all -p 127.0.0.1:3000:3000 -e ALLOW_ANONYMOUS=true framewell:cuda':
    'needs Docker and a card',
  'npm run image:size': 'takes ten minutes, as root',
  'npm run image:size -- cuda': 'takes ten minutes, as root',
};

/** The first bytes of what pictures of a format begin with, from `offset` on. */
const SIGNATURES = {
  jpg: { offset: 0, bytes: 'ffd8ff' },
  webp: { offset: 8, bytes: Buffer.from('WEBP').toString('hex') },
  avif: { offset: 4, bytes: Buffer.from('ftypavif').toString('hex') },
};

const LANGUAGES = ['', 'caddyfile', 'dotenv', 'html', 'js', 'json', 'nginx', 'sh', 'ts', 'yaml'];

const blocks = documentationPages().flatMap(fencedBlocks);

function commandOf(line: string): string {
  return line.replace(/\s+# .*$/, '').trim();
}

test('blocks are of languages that are known here, so that no commands hide in another', () => {
  for (const { page, line, language } of blocks) assert.ok(LANGUAGES.includes(language), `${page}:${line} ${language}`);
});

test('the commands that are not run are on a page', () => {
  const lines = blocks.filter(({ language }) => language === 'sh').flatMap(({ text }) => text.split('\n'));
  for (const command of Object.keys(NOT_RUN)) assert.ok(lines.map(commandOf).includes(command), command);
});

for (const { page, line, text } of blocks.filter(({ language }) => language === 'dotenv')) {
  test(`${page}:${line} can be taken as .env as it is`, () => {
    const settings = parseEnvFile(text);
    assert.ok(Object.keys(settings).length > 0);
    loadConfig(settings);
  });
}

describe('commands of the pages', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  let server: FramewellServer;
  let folder: string;
  let cameraUrl: string;

  before(async () => {
    folder = cleanup.add(await mkdtemp(join(tmpdir(), 'framewell-docs-')), (path) => rm(path, { recursive: true }));
    await symlink(join(projectRoot, 'dist'), join(folder, 'dist'));
    const program = join(projectRoot, 'dist/cli/framewell.js');
    await writeFile(join(folder, 'framewell'), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
    await chmod(join(folder, 'framewell'), 0o755);

    const simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    cameraUrl = simulator.addMount('/stream1', await loadClip(join(projectRoot, 'simulator/clips/demo.h264'))).url;
    const cameras = ['demo', 'front-door'].map((id) => ({ id, url: cameraUrl }));
    server = cleanup.add(await FramewellServer.start({ cameras }), (it) => it.stop());
    for (const { id } of cameras) await server.untilState(id, 'live');
  });

  after(() => cleanup.run());

  /** The script with what is on this machine in the place of what is on the reader's. */
  function here(script: string): string {
    return (
      script
        .replaceAll('http://127.0.0.1:3000', server.origin)
        .replaceAll(/rtsp:\/\/192\.168\.1\.20(:554)?\/stream1/g, cameraUrl)
        // Each would go on until Ctrl-C, or for minutes.
        .replaceAll(/ --count \d+/g, '')
        .replaceAll(/ watch [\w-]+/g, '$& --count 2')
        // A moment ago may be before the last keyframe, where no video is kept.
        .replaceAll(/(date \+%s%3N\)|Date\.now\(\)) - \d+/g, '$1')
    );
  }

  /** What it prints. */
  function run(program: string, ...args: string[]): Promise<string> {
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, FRAMEWELL_SERVER: server.origin };
    return new Promise((resolve, reject) => {
      // Ends what the program has begun with it.
      const bounded = ['--kill-after=5', '60', program, ...args];
      execFile('timeout', bounded, { cwd: folder, env }, (error, stdout, stderr) => {
        if (error) reject(new Error(`${args.at(-1)}\n${stdout}\n${stderr}`, { cause: error }));
        else resolve(stdout);
      });
    });
  }

  async function assertPictures(): Promise<void> {
    for (const name of await readdir(folder)) {
      const signature = SIGNATURES[name.split('.')[1] as keyof typeof SIGNATURES] as
        (typeof SIGNATURES)['jpg'] | undefined;
      if (!signature) continue;
      const start = (await readFile(join(folder, name))).toString('hex', signature.offset);
      assert.ok(start.startsWith(signature.bytes), `Expected a picture in ${name}`);
      await rm(join(folder, name));
    }
  }

  for (const { page, line, text } of blocks.filter(({ language }) => language === 'sh')) {
    const lines = text.split('\n').filter((command) => !(commandOf(command) in NOT_RUN));
    if (lines.every((command) => commandOf(command) === '')) continue;
    test(`${page}:${line}`, async () => {
      const printed = await run('bash', '-euo', 'pipefail', '-c', here(lines.join('\n')));
      assert.doesNotMatch(printed, /"code":"ERR_/);
      await assertPictures();
    });
  }

  for (const { page, line, text } of blocks.filter(({ language }) => language === 'ts')) {
    test(`${page}:${line}, a program`, async () => {
      const library = pathToFileURL(join(projectRoot, 'dist/index.js')).href;
      const { outputText } = ts.transpileModule(here(text).replace("'framewell'", `'${library}'`), {
        compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
      });
      const ending = "await factory.close(); console.log([jpeg, corner].map((it) => it.toString('hex', 0, 3)).join());";
      const printed = await run(process.execPath, '--input-type=module', '--eval', `${outputText}\n${ending}`);
      assert.equal(printed, `${SIGNATURES.jpg.bytes},${SIGNATURES.jpg.bytes}\n`);
    });
  }
});
