// Compiles on every change of a source and restarts the server on every change of its output.
import { spawn } from 'node:child_process';
import { root } from './setup/steps.mjs';

const commands = [
  ['node_modules/typescript/bin/tsc', '--watch', '--preserveWatchOutput'],
  ['--watch', '--enable-source-maps', 'dist/server.js'],
];
const children = commands.map((args) => spawn(process.execPath, args, { cwd: root, stdio: 'inherit' }));
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => children.forEach((child) => child.kill(signal)));
}
