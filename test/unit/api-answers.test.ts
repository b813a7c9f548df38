import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { ask, type Question } from '../support/ask.js';
import { startTestApp } from '../support/test-app.js';

const ADMIN_TOKEN = 'token-of-the-administrator';
const VIEWER_TOKEN = 'token-of-the-hall';
const API_TOKENS = `root:admin:*:${ADMIN_TOKEN},hall:viewer:yard:${VIEWER_TOKEN}`;

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, object>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Attempt extends Question {
  readonly name: string;
  readonly path: string;
}

const STRANGE = ['', '0', '-1', '1e9', 'a,b', '%00', '%F0%9F%93%B7', 'x'.repeat(5000)];
const STRANGE_IDS = ['none', '..%2f..', '%zz', '%00', 'x'.repeat(99), 'x'.repeat(101), 'x'.repeat(5000)];

const TYPES = ['application/json', 'application/xml', 'text/plain', 'nonsense'];
const CONTENTS = ['', '{', '[]', 'null', '{}', '{"id":1,"url":1,"token":1,"path":1}', `"${'x'.repeat(70_000)}"`];

/** Ways to ask for an operation: right, and wrong in all that its caller has a say in. */
function attempts(method: string, template: string, { parameters = [] }: Operation): Attempt[] {
  const authorization = `Bearer ${ADMIN_TOKEN}`;
  const path = template.replace('{id}', 'front');
  const callers: Attempt[] = [
    { name: 'an administrator', path, headers: { authorization } },
    { name: 'nobody', path },
    { name: 'somebody who may not see it', path, headers: { authorization: `Bearer ${VIEWER_TOKEN}` } },
    { name: 'a wrong token', path, headers: { authorization: 'Bearer wrong' } },
    { name: 'no token at all', path, headers: { authorization: 'Basic' } },
    { name: 'a page of another site', path, headers: { origin: 'http://other.test' } },
    { name: 'an upgrade', path, headers: { authorization }, upgrade: true },
    { name: 'a condition', path, headers: { authorization, 'if-none-match': '"x"' } },
  ];
  const ids = template.includes('{id}') ? STRANGE_IDS : [];
  const bodies = method === 'get' ? [] : TYPES.flatMap((type) => CONTENTS.map((content) => ({ type, content })));
  const queries = parameters
    .filter((parameter) => parameter.in === 'query')
    .flatMap(({ name }) => STRANGE.map((value) => `${name}=${value}`));
  const headers = { authorization };
  return [
    ...callers,
    ...ids.map((id) => ({ name: `id ${id.slice(0, 20)}`, path: template.replace('{id}', id), headers })),
    ...queries.map((query) => ({ name: query.slice(0, 20), path: `${path}?${query}`, headers })),
    ...bodies.map(({ type, content }) => ({
      name: `${type} ${content.slice(0, 20)}`,
      path,
      headers: { authorization, 'content-type': type },
      content,
    })),
  ];
}

test('no route gives an answer that is not documented', async (t) => {
  const { app, streams } = await startTestApp(t, { apiTokens: API_TOKENS });
  // A camera that is up and gives nothing has its viewers wait.
  for (const stream of Object.values(streams)) stream.goDown();
  const document = (await app.inject('/docs/json')).json<Document>();
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const surprises: string[] = [];
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      // At once: some wait for a picture.
      const asked = attempts(method, path, operation).map(async (attempt) => {
        const { status } = await ask(port, attempt.path, { ...attempt, method: method.toUpperCase() });
        if (!(String(status) in operation.responses)) surprises.push(`${method} ${path}, ${attempt.name}: ${status}`);
      });
      await Promise.all(asked);
    }
  }
  assert.deepEqual(surprises, []);
});
