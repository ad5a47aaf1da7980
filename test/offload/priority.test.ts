import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type OffloadedRoute, offload } from '../../src/offload/offload.ts';
import { told } from '../pool/told.ts';
import { get } from '../support/http.ts';
import { root } from '../support/paths.ts';
import { until } from '../support/until.ts';
import { APPS, type RunningApp } from './apps.ts';

interface Waiting {
  readonly name: string;
  readonly route: OffloadedRoute;
  readonly headers?: Readonly<Record<string, string>>;
}

function offloadFor(t: TestContext, name: string, priority?: number): OffloadedRoute {
  const route = offload(pathToFileURL(join(root, 'test', 'fixtures', 'offload', name)), { max: 1, priority });
  t.after(() => route.close({ force: true }));
  return route;
}

async function listen(t: TestContext, app: string, route: OffloadedRoute): Promise<RunningApp> {
  const running = await APPS[app]?.listen(route);
  assert.ok(running !== undefined);
  t.after(() => running[Symbol.asyncDispose]());
  return running;
}

/** Keeps the one worker busy until all of these wait, in this order, and resolves with the order in which they are answered. */
async function answersOf(t: TestContext, app: string, busy: OffloadedRoute, waiting: readonly Waiting[]): Promise<string[]> {
  const { file, written } = await told(t);
  const { url } = await listen(t, app, busy);
  const client = new AbortController();
  const held = get(`${url}/waits?file=${encodeURIComponent(file('held'))}`, { signal: client.signal });
  await written('held.begun');
  const answered: string[] = [];
  const answers: Promise<unknown>[] = [];
  for (const { name, route, headers = {} } of waiting) {
    let hasCome = false;
    // Asked for right before the request is given to the workers.
    const context = (): void => void (hasCome = true);
    const { url: own } = await listen(t, app, route.with({ context }));
    const answer = get(`${own}/tells`, { headers }).then(({ status }) => answered.push(`${name} ${status}`));
    answers.push(answer);
    await until(() => hasCome, { describe: `the request ${name}` });
  }
  assert.deepEqual(answered, []);
  client.abort();
  await assert.rejects(held);
  await Promise.all(answers);
  return answered;
}

suite('the priority of an offloaded route', { timeout: 120_000 }, () => {
  for (const app of ['express', 'node:http', 'koa', 'fastify', 'hono', 'h3', 'web'])
    test(`${app}: a waiting request of a higher one begins first, of a lower one last`, async (t) => {
      const route = offloadFor(t, 'report.mjs');
      const order = await answersOf(t, app, route, [
        { name: 'low', route: route.with({ priority: -10 }) },
        { name: 'plain', route },
        { name: 'high', route: route.with({ priority: 10 }) },
      ]);
      assert.deepEqual(order, ['high 200', 'plain 200', 'low 200']);
    });

  test('is that of all its routes until one has its own, whatever else that says of itself', async (t) => {
    const route = offloadFor(t, 'report.mjs', -5);
    const order = await answersOf(t, 'node:http', route, [
      { name: 'the same', route: route.with({ deadline: '20s' }) },
      { name: 'its own', route: route.with({ priority: 0 }) },
    ]);
    assert.deepEqual(order, ['its own 200', 'the same 200']);
  });

  test('wins over what the module says, which holds where there is none', async (t) => {
    const route = offloadFor(t, 'ranked.mjs');
    const order = await answersOf(t, 'node:http', route, [
      { name: 'low', route: route.with({ priority: -5 }), headers: { 'x-rank': '10' } },
      { name: 'none', route },
      { name: 'of the module', route, headers: { 'x-rank': '5' } },
    ]);
    assert.deepEqual(order, ['of the module 200', 'none 200', 'low 200']);
  });
});
