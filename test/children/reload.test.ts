import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { writeFile } from 'node:fs/promises';
import { test, type TestContext } from 'node:test';
import type { Mode } from '../../src/config/settings.ts';
import type { EventType } from '../../src/events/events.ts';
import type { PreforkServer } from '../../src/server/serve.ts';
import { createProject } from '../compile/project.ts';
import { get } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { startServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { codeOf, createApp, generationAt, serveApp } from './generations.ts';

const WITH_WORKERS: readonly Mode[] = ['pool', 'fork', 'thread', 'cluster'];
const BROKEN = 'throw new RangeError("broken at load");';

interface Seen {
  readonly worker: number;
  readonly reason: string;
  readonly line: string;
}

/** Collects the events of a type until the test ends. */
function collect(t: TestContext, type: EventType): Partial<Seen>[] {
  const events: Partial<Seen>[] = [];
  const listener = (event: unknown): void => void events.push(Object(event));
  subscribe(`prefork:${type}`, listener);
  t.after(() => unsubscribe(`prefork:${type}`, listener));
  return events;
}

async function refusal(server: PreforkServer): Promise<{ code: string; message: string }> {
  try {
    await server.reload();
  } catch (error) {
    const { code, message } = Object(error);
    return { code, message };
  }
  throw new Error('the reload was expected to fail');
}

for (const mode of WITH_WORKERS) {
  test(`mode ${mode}: code that does not boot changes nothing, and the next try may succeed`, { timeout: 120_000 }, async (t) => {
    const app = await createApp(t);
    const server = await serveApp(t, app, { mode, min: 1, max: 1, spares: 1 });
    await app.change(2, BROKEN);
    const { code, message } = await refusal(server);
    assert.equal(code, 'ERR_RELOAD');
    assert.match(
      message,
      /^the new code does not boot, and the old one serves on: .*app\.mjs: RangeError: broken at load, at .*app\.mjs:\d+:\d+$/,
    );
    assert.equal(await generationAt(server.url), 1);
    await app.change(3);
    assert.equal((await server.reload()).generation, 2);
    assert.equal(await generationAt(server.url), 3);
  });

  test(
    `mode ${mode}: while the files are broken, a worker that ends is replaced with the old code, at once`,
    { timeout: 120_000 },
    async (t) => {
      const app = await createApp(t);
      const server = await serveApp(t, app, { mode, min: 1, max: 1, spares: 1, maxRequests: 3 });
      await app.change(2, BROKEN);
      const failed = collect(t, 'worker:boot-failed');
      await refusal(server);
      assert.equal(failed.length, 1, 'one worker tried it');
      const workers = new Set<string>();
      await until(
        async () => {
          // In mode cluster a connection that reaches a worker in its last moments is lost with it.
          const text = await get(server.url).then(
            (answer) => answer.text(),
            () => undefined,
          );
          if (text === undefined) return false;
          const [generation, worker = ''] = text.split(' ');
          assert.equal(generation, '1');
          return workers.add(worker).size >= 3;
        },
        { describe: () => `workers to be replaced; so far ${[...workers].join()}`, withinMs: 60_000 },
      );
      assert.equal(failed.length, 1, 'nobody else met the broken files');
    },
  );

  test(
    `mode ${mode}: with all workers busy, they finish with the old code, and new tasks meet the new one`,
    { timeout: 120_000 },
    async (t) => {
      const app = await createApp(t);
      const printed = collect(t, 'worker:output');
      const server = await serveApp(t, app, { mode, min: 1, max: 1, spares: 1, quantum: '20ms' });
      const held = generationAt(server.url, '/hold');
      await until(() => printed.some(({ line }) => line === 'holding'), { describe: 'the task to hold' });
      await app.change(2);
      assert.equal((await server.reload()).generation, 2);
      if (mode !== 'cluster') assert.equal(await generationAt(server.url), 2);
      else await until(async () => (await generationAt(server.url)) === 2, { describe: 'the new code to answer' });
      await app.go();
      assert.equal(await held, 1);
    },
  );
}

test(
  'the config of the new code counts from then on, and that of the old one for what it runs',
  { timeout: 120_000 },
  async (t) => {
    const app = await createApp(t);
    const printed = collect(t, 'worker:output');
    const server = await serveApp(t, app, { mode: 'pool', min: 1, max: 1, spares: 1 });
    const held = generationAt(server.url, '/hold');
    await until(() => printed.some(({ line }) => line === 'holding'), { describe: 'the task to hold' });
    await app.change(2, "export const config = { deadline: '400ms' };");
    await server.reload();
    const late = await get(`${server.url}/never`);
    assert.equal(late.status, 504);
    assert.match(late.text(), /deadline of 400ms/);
    // The old one has the 30 s of before; by now it had lost the new ones.
    await app.go();
    assert.equal(await held, 1);
  },
);

test('a config that makes no sense is code that does not boot', { timeout: 60_000 }, async (t) => {
  const app = await createApp(t);
  const server = await serveApp(t, app, { mode: 'pool', min: 1, max: 1, spares: 1 });
  await app.change(2, "export const config = { deadline: 'soon' };");
  const { code, message } = await refusal(server);
  assert.equal(code, 'ERR_RELOAD');
  assert.match(message, /config\.deadline/);
  assert.equal(await generationAt(server.url), 1);
});

test('a file that can not be compiled, or that imports nothing that is there, is named', { timeout: 120_000 }, async (t) => {
  const project = await createProject(t, {
    'app.ts': "import { answer } from './answer.ts';\nexport default () => new Response(answer as string);",
    'answer.ts': "export const answer: string = '1 first';",
  });
  const app = { project, entry: project.path('app.ts'), change: () => Promise.resolve(), go: () => Promise.resolve() };
  const server = await serveApp(t, app, { mode: 'pool', min: 1, max: 1, spares: 1 });
  assert.equal(await generationAt(server.url), 1);
  await project.write('answer.ts', 'export const answer: string = ;');
  assert.match((await refusal(server)).message, /answer\.ts:1:\d+/);
  await project.write('answer.ts', "import './nowhere.ts';\nexport const answer = '2 second';");
  assert.match((await refusal(server)).message, /nowhere/);
  await project.write('answer.ts', "export const answer: string = '3 third';");
  await server.reload();
  assert.equal(await generationAt(server.url), 3);
});

test('what is asked for while a reload runs waits for it, and shares the next one', { timeout: 60_000 }, async (t) => {
  const app = await createApp(t);
  const server = await serveApp(t, app, { mode: 'pool', min: 1, max: 1, spares: 1 });
  const first = server.reload();
  await app.change(2);
  const [second, third] = [server.reload(), server.reload()];
  const generations = (await Promise.all([first, second, third])).map(({ generation }) => generation);
  assert.deepEqual(generations, [2, 3, 3]);
  assert.equal(await generationAt(server.url), 2);
});

test('a server that ends loads no new code', { timeout: 60_000 }, async (t) => {
  const app = await createApp(t);
  const server = await serveApp(t, app, { mode: 'pool', min: 1, max: 1, spares: 1 });
  // One is under way, and one comes too late.
  const underWay = refusal(server);
  const closed = server.close();
  assert.equal((await refusal(server)).code, 'ERR_SHUTTING_DOWN');
  assert.equal((await underWay).code, 'ERR_SHUTTING_DOWN');
  assert.deepEqual(await closed, { lost: 0 });
});

test('a server that ends gives up the reload that is under way, and finishes what it runs', { timeout: 60_000 }, async (t) => {
  const app = await createApp(t);
  const printed = collect(t, 'worker:output');
  const starting = collect(t, 'worker:starting');
  const server = await serveApp(t, app, { mode: 'pool', min: 1, max: 2, spares: 0 });
  const held = generationAt(server.url, '/hold');
  await until(() => printed.some(({ line }) => line === 'holding'), { describe: 'the task to hold' });
  await app.change(2);
  const before = starting.length;
  const underWay = refusal(server);
  await until(() => starting.length > before, { describe: 'a worker to try the new code' });
  const closed = server.close();
  assert.equal((await underWay).code, 'ERR_SHUTTING_DOWN');
  assert.equal((await refusal(server)).code, 'ERR_SHUTTING_DOWN');
  await app.go();
  assert.equal(await held, 1);
  assert.deepEqual(await closed, { lost: 0 });
});

test('when only the first worker boots with the new code, the old one is put in force again', { timeout: 120_000 }, async (t) => {
  const app = await createApp(t, 'app.ts');
  const ready = collect(t, 'worker:ready');
  const server = await serveApp(t, app, { mode: 'pool', min: 3, max: 3, spares: 0 });
  await until(() => ready.length === 3, { describe: 'all workers to be ready' });
  const mark = app.project.path('mark');
  await app.change(
    2,
    `import { writeFileSync } from 'node:fs';
     writeFileSync(${JSON.stringify(mark)}, '', { flag: 'wx' });`,
  );
  const { code, message } = await refusal(server);
  assert.equal(code, 'ERR_RELOAD');
  assert.match(message, /one worker booted with it, further ones did not \(.*EEXIST/);
  assert.equal(ready.length, 4);
  // Its place was kept meanwhile, and nothing was lost.
  assert.equal((await get(server.url)).status, 200);
});

test('mode blocking has no workers, and says so', { timeout: 60_000 }, async (t) => {
  const app = await createApp(t);
  const server = await serveApp(t, app, { mode: 'blocking' });
  const { code, message } = await refusal(server);
  assert.equal(code, 'ERR_NOT_SUPPORTED');
  assert.match(message, /mode blocking has no workers/);
  assert.throws(() => server.scale(2), { code: 'ERR_NOT_SUPPORTED' });
});

test('SIGHUP reloads, and the log says what became of it', { timeout: 60_000 }, async (t) => {
  const app = await createApp(t, 'app.ts');
  await using server = await startServer({ entry: app.entry, args: ['--min', '1', '--max', '2', '--spares', '1'] });
  await app.change(2);
  server.signal('SIGHUP');
  const reloaded = await server.waitForLog((line) => line['event'] === 'server:reloaded');
  assert.match(String(reloaded['msg']), /^reloaded: the new code serves after \d+ ms, and with the old code \d workers? ends?/);
  assert.equal(await generationAt(server.url), 2);
  await app.change(3, BROKEN);
  server.signal('SIGHUP');
  const failed = await server.waitForLog((line) => line['event'] === 'server:reload-failed');
  assert.deepEqual([failed['level'], failed['code'], failed['generation']], [50, 'ERR_RELOAD', 2]);
  assert.match(String(failed['msg']), /broken at load/);
  assert.equal(server.logs().filter((line) => Number(line['level']) >= 50).length, 1, 'it is said once');
  assert.equal(await generationAt(server.url), 2);
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
});

test('--watch reloads when a file of the handler changes, and survives what is broken', { timeout: 120_000 }, async (t) => {
  const project = await createProject(t, {
    'app.mjs': "import { generation } from './lib/code.mjs';\nexport default () => new Response(generation + ' watched');",
    'lib/code.mjs': 'export const generation = 1;',
    'lib/other.mjs': 'export const other = 1;',
  });
  await using server = await startServer({ entry: project.path('app.mjs'), args: ['--watch', '--min', '1', '--max', '2'] });
  const answers = (generation: number): Promise<boolean> =>
    until(async () => (await generationAt(server.url)) === generation, {
      describe: () => `code ${generation} to answer; stderr has:\n${server.stderr().join('\n')}`,
      withinMs: 30_000,
    });
  const count = (event: string): number => server.logs().filter((line) => line['event'] === event).length;
  await project.write('lib/code.mjs', 'export const generation = 2;');
  await answers(2);
  // All workers have it: one that booted later would meet what is broken in its place, which is another story.
  await until(() => count('server:reloaded') === 1, { describe: 'the first reload to be over', withinMs: 30_000 });
  await project.write('lib/code.mjs', 'export const generation = ;');
  await until(() => count('server:reload-failed') === 1, { describe: 'the broken save to be told', withinMs: 30_000 });
  assert.match(String(server.logs().find((line) => line['event'] === 'server:reload-failed')?.['msg']), /lib\/code\.mjs:1:\d+/);
  assert.equal(await generationAt(server.url), 2);
  // The next save is the next try; and one that needs a file which is not there yet works when that comes.
  await project.write('lib/code.mjs', "export { generation } from './late.mjs';");
  await until(() => count('server:reload-failed') === 2, { describe: 'the missing file to be told', withinMs: 30_000 });
  await project.write('lib/late.mjs', 'export const generation = 3;');
  await answers(3);
  await until(() => count('server:reloaded') === 2, { describe: 'the second reload to be over', withinMs: 30_000 });
  // A file that is none of the handler's changes nothing.
  const before = count('server:reloading');
  await writeFile(project.path('lib/other.mjs'), 'export const other = 2;');
  await project.write('lib/late.mjs', 'export const generation = 4;');
  await answers(4);
  assert.equal(count('server:reloading'), before + 1);
});

test('without --watch nothing is reloaded', { timeout: 60_000 }, async () => {
  await using server = await startServer({ entry: handler('tiny.mjs'), args: ['--log-level', 'debug'] });
  assert.equal((await get(server.url)).status, 200);
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  assert.ok(!server.logs().some((line) => line['event'] === 'server:reloading'));
});

test('frozen code is the code that was read, with its own imports', { timeout: 60_000 }, async (t) => {
  const project = await createProject(t, { 'app.mjs': codeOf(1, "import './lib.mjs';"), 'lib.mjs': 'globalThis.lib = 1;' });
  const app = { project, entry: project.path('app.mjs'), change: () => Promise.resolve(), go: () => Promise.resolve() };
  process.env['GO_FOLDER'] = project.folder;
  const server = await serveApp(t, app, { mode: 'fork', min: 0, max: 2, spares: 1 });
  await project.write('lib.mjs', 'throw new Error("broken library");');
  assert.match((await refusal(server)).message, /broken library, at .*lib\.mjs:1:7/);
  // Each task has a process of its own, that boots now.
  for (let times = 0; times < 4; times += 1) assert.equal(await generationAt(server.url), 1);
});
