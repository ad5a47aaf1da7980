/** What an operator does to workers: find, kill, recycle, scale. */
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { test, type TestContext } from 'node:test';
import { resolveSettings } from '../../src/config/resolve.ts';
import type { ServeOptions } from '../../src/config/serve-options.ts';
import type { Settings } from '../../src/config/settings.ts';
import { IncidentLog } from '../../src/diagnostics/incident-log.ts';
import { IncidentRecorder } from '../../src/diagnostics/incident-recorder.ts';
import { takeStack } from '../../src/diagnostics/take-stack.ts';
import { startCluster } from '../../src/modes/cluster.ts';
import { startFork } from '../../src/modes/fork.ts';
import { startPool } from '../../src/modes/pool.ts';
import type { ModeContext } from '../../src/modes/mode-context.ts';
import type { RunningMode, WorkerControl } from '../../src/modes/running-mode.ts';
import { startThread } from '../../src/modes/thread.ts';
import { EntrySource } from '../../src/server/code-source.ts';
import { loadModule } from '../../src/server/load-module.ts';
import { get } from '../support/http.ts';
import { until } from '../support/until.ts';
import { type App, createApp, startLoad } from './generations.ts';

const START = { pool: startPool, fork: startFork, thread: startThread, cluster: startCluster } as const satisfies Record<
  string,
  (settings: Settings, context: ModeContext) => Promise<RunningMode>
>;
type Mode = keyof typeof START;
const MODES = Object.keys(START) as Mode[];

interface Worker {
  readonly worker: number;
  readonly pid: number;
  /** Why it drains, or is gone. */
  readonly reason: string;
}

/** A mode at work, without a server around it. */
class Operated {
  readonly url: string;
  readonly control: WorkerControl;
  /** What happened to workers, in order. */
  readonly events: readonly (readonly [type: string, worker: Worker])[];

  constructor(running: RunningMode, events: Operated['events']) {
    this.url = `http://127.0.0.1:${running.port}`;
    this.control = running.control;
    this.events = events;
  }

  of(type: string): Worker[] {
    return this.events.filter(([name]) => name === type).map(([, worker]) => worker);
  }

  /** Waits for something to happen to a worker. */
  async seen(type: string, id: number): Promise<Worker> {
    return until(() => this.of(type).find(({ worker }) => worker === id), {
      describe: () => `${type} of worker ${id}; so far ${JSON.stringify(this.events)}`,
      withinMs: 30_000,
    });
  }

  /** Workers that are ready and not on their way out. */
  serving(): number[] {
    const ids = new Set<number>();
    for (const [type, { worker }] of this.events) if (type === 'ready') ids.add(worker);
    for (const [type, { worker }] of this.events) if (type !== 'ready' && type !== 'output') ids.delete(worker);
    return [...ids];
  }

  async serve(count: number): Promise<number[]> {
    await until(() => this.serving().length === count, {
      describe: () => `${count} workers to serve; so far ${JSON.stringify(this.events)}`,
      withinMs: 30_000,
    });
    return this.serving();
  }

  /** Begins a task that holds. */
  async hold(): Promise<{ readonly answer: Promise<{ status: number; text: string }>; readonly worker: number }> {
    const before = this.of('output').length;
    const answer = get(`${this.url}/hold`).then(
      (response) => ({ status: response.status, text: response.text() }),
      (error: unknown) => ({ status: 0, text: String(Object(error).code) }),
    );
    await until(() => this.of('output').length > before, { describe: 'a task to hold' });
    return { answer, worker: this.of('output').at(-1)?.worker ?? 0 };
  }
}

const TYPES = ['ready', 'draining', 'killing', 'gone', 'output'] as const;

async function operate(t: TestContext, app: App, mode: Mode, options: Omit<ServeOptions, 'entry'>): Promise<Operated> {
  const events: [string, Worker][] = [];
  for (const type of TYPES) {
    const listener = (event: unknown): void => {
      if (type !== 'output' || Object(event).line === 'holding') events.push([type, Object(event)]);
    };
    subscribe(`prefork:worker:${type}`, listener);
    t.after(() => unsubscribe(`prefork:worker:${type}`, listener));
  }
  const { settings } = await resolveSettings({ options: { entry: app.entry, port: 0, mode, ...options }, loadModule });
  const running = await START[mode](settings, {
    source: await EntrySource.open(settings.entry),
    recorder: new IncidentRecorder(new IncidentLog(), mode),
    look: takeStack,
  });
  t.after(async () => {
    running.force();
    await running.close();
  });
  return new Operated(running, events);
}

const workers = (mode: Mode, count: number): Omit<ServeOptions, 'entry'> => ({
  min: mode === 'fork' ? 0 : count,
  max: count,
  spares: mode === 'fork' ? count : 0,
});

for (const mode of MODES) {
  test(`mode ${mode}: a worker is killed at once, with what it runs, and replaced`, { timeout: 60_000 }, async (t) => {
    const app = await createApp(t);
    const server = await operate(t, app, mode, workers(mode, 1));
    const { answer, worker } = await server.hold();
    const { done } = server.control.kill(`w${worker}`);
    assert.match(done, new RegExp(`w${worker}\\b.* is killed, and another one takes its place`));
    assert.equal((await server.seen('gone', worker)).reason, 'killed (operator)');
    const { status, text } = await answer;
    if (mode === 'cluster') assert.deepEqual([status, text], [0, 'ECONNRESET']);
    else {
      assert.equal(status, 502);
      assert.match(text, /killed \(operator\)/);
    }
    await server.serve(1);
    assert.equal((await get(server.url)).status, 200);
  });

  test(
    `mode ${mode}: a worker is recycled: another one boots, and then it ends after its task`,
    { timeout: 60_000 },
    async (t) => {
      const app = await createApp(t);
      const server = await operate(t, app, mode, { ...workers(mode, 1), quantum: '20ms' });
      const { answer, worker } = await server.hold();
      const { done } = server.control.recycle(`w${worker}`);
      assert.match(done, /is replaced: another one boots first, then this one finishes what it runs and ends/);
      const { reason } = await server.seen('draining', worker);
      // In mode fork it ends with its task, and takes no other one: nobody has to come first.
      if (mode !== 'fork') {
        const order = server.events.map(([type, { worker: id }]) => `${type} ${id === worker ? 'old' : 'new'}`);
        assert.ok(order.indexOf('ready new') < order.indexOf('draining old'), order.join());
        assert.equal((await get(server.url)).text().split(' ')[0], '1');
      }
      assert.equal(reason, 'recycle');
      assert.match(server.control.recycle(`w${worker}`).done, /ends already after what it runs/);
      await app.go();
      assert.deepEqual([(await answer).status, (await answer).text.split(' ')[0]], [200, '1']);
      assert.equal((await server.seen('gone', worker)).reason, 'drained (recycle)');
    },
  );

  test(`mode ${mode}: under load each worker is recycled in turn, and not one request fails`, { timeout: 120_000 }, async (t) => {
    const app = await createApp(t);
    const server = await operate(t, app, mode, workers(mode, 2));
    await until(() => server.serving().length > 0, { describe: 'a worker to serve' });
    const load = startLoad(server.url, { kept: 2, fresh: 1 });
    for (let times = 0; times < 6; times += 1) {
      const [worker = 0] = await until(() => (server.serving().length > 0 ? server.serving() : null), {
        describe: () => `a worker to serve; so far ${JSON.stringify(server.events)}`,
      });
      // In mode fork it may have ended with its task meanwhile.
      try {
        server.control.recycle(`w${worker}`);
      } catch (error) {
        assert.equal(Object(error).code, 'ERR_NO_SUCH_WORKER');
      }
      await server.seen('gone', worker);
    }
    await load.stop();
    assert.deepEqual(load.failures, []);
    assert.ok(load.answered > 0);
  });

  test(`mode ${mode}: more workers boot, fewer end after their tasks`, { timeout: 120_000 }, async (t) => {
    const app = await createApp(t);
    const server = await operate(t, app, mode, { min: mode === 'cluster' ? 1 : 0, max: 1, spares: 1 });
    await server.serve(1);
    if (mode === 'fork') assert.equal(server.control.scale(3).done, 'at most 3 workers at once from now on');
    else {
      assert.equal(server.control.scale(3).done, '3 workers from now on');
      await server.serve(3);
    }
    // In mode cluster any worker may take them, and one can take all.
    const held = [await server.hold(), await server.hold(), await server.hold()];
    if (mode === 'cluster') await server.serve(3);
    else assert.equal(new Set(held.map(({ worker }) => worker)).size, 3);
    assert.match(server.control.scale(1).done, /^(at most )?1 worker (at once )?from now on$/);
    if (mode !== 'fork') {
      await until(() => server.of('draining').filter(({ reason }) => reason === 'surplus').length === 2, {
        describe: () => `two to drain; so far ${JSON.stringify(server.events)}`,
      });
    }
    await app.go();
    for (const { answer } of held) assert.equal((await answer).status, 200);
    await until(() => server.serving().length <= 1, { describe: 'one to be left' });
    assert.equal((await get(server.url)).status, 200);
  });
}

test('a worker is found by pid and by id, and who is not there is named', { timeout: 60_000 }, async (t) => {
  const server = await operate(t, await createApp(t), 'pool', workers('pool', 2));
  const [one = 0] = await server.serve(2);
  const { control } = server;
  const found = control.find(`w${one}`);
  assert.equal(found.id, one);
  assert.equal(control.find(String(found.pid)), found);
  for (const ref of ['w99', '1']) {
    for (const act of [() => control.find(ref), () => control.kill(ref), () => control.recycle(ref)])
      assert.throws(act, { code: 'ERR_NO_SUCH_WORKER', message: new RegExp(`no worker has the (id|pid) ${ref}`) });
  }
  for (const ref of ['', 'w', '-1', '1e3', 'w1 ', '../1', `${found.pid}.0`]) {
    assert.throws(() => control.find(ref), {
      code: 'ERR_NO_SUCH_WORKER',
      message: /^found .*, expected the pid of a worker, or w/,
    });
  }
});

test('of several threads only the id names one', { timeout: 60_000 }, async (t) => {
  const server = await operate(t, await createApp(t), 'thread', workers('thread', 2));
  const [one = 0, other = 0] = await server.serve(2);
  assert.equal(server.control.find(`w${other}`).id, other);
  assert.throws(() => server.control.find(String(process.pid)), {
    code: 'ERR_NO_SUCH_WORKER',
    message: /^2 workers are threads of process \d+: name one by its id, such as w\d+$/,
  });
  server.control.scale(1);
  await server.serve(1);
  await until(() => server.of('gone').length === 1, { describe: 'one to be gone' });
  assert.ok([one, other].includes(server.control.find(String(process.pid)).id));
});

test('a wrong number of workers is refused, and changes nothing', { timeout: 60_000 }, async (t) => {
  const server = await operate(t, await createApp(t), 'pool', workers('pool', 1));
  for (const wrong of [0, -1, 1.5, Number.NaN, 5000])
    assert.throws(() => server.control.scale(wrong), {
      code: 'ERR_BAD_OPTION',
      message: `scale: found ${wrong}, expected a whole number of workers from 1 to 4096`,
    });
  assert.equal((await get(server.url)).status, 200);
  assert.equal(server.of('ready').length, 1);
});

test('memory stays a bound, which is said', { timeout: 60_000 }, async (t) => {
  const server = await operate(t, await createApp(t), 'pool', { ...workers('pool', 1), memory: '100MB' });
  assert.match(
    server.control.scale(50).done,
    /^50 workers from now on, but --memory \(100 MB\) has room for [12] of them: the rest boots when there is more$/,
  );
});
