import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { root } from './steps.mjs';

// A socket in Linux's abstract namespace: the kernel lets go of it when the process ends, however it ends.
const LOCK = `\0framewell-setup-${createHash('sha256').update(root).digest('hex').slice(0, 16)}`;

/** Waits until no other setup of this folder runs, and keeps others waiting until this process ends. */
export async function exclusively() {
  for (let told = false; !(await takeLock()); told = true) {
    if (!told) console.log('setup: waiting for another setup of this folder to end');
    await ownerEnds();
  }
}

async function takeLock() {
  const server = createServer((waiter) => {
    // A waiter that is interrupted resets its connection, which is no concern of this process.
    waiter.unref().on('error', () => {});
  });
  try {
    await once(server.unref().listen(LOCK), 'listening');
    return true;
  } catch (error) {
    if (error.code === 'EADDRINUSE') return false;
    throw error;
  }
}

/** Resolves when the owner of the lock is gone: its end closes the connection, or nobody accepts it. */
async function ownerEnds() {
  const socket = connect(LOCK).on('error', () => {});
  await new Promise((resolve) => socket.once('close', resolve));
}
