/** A lab and its five servers, as somebody sees it who asks over HTTP. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { LabMode, Lane, Tab } from '../../src/lab/api.ts';
import { EventReader } from '../admin/event-reader.ts';
import { askAdmin } from '../admin/ask-admin.ts';
import { runCommand } from '../cli/run-command.ts';
import { startLab, type TestLab } from '../support/lab.ts';
import { gone } from '../support/processes.ts';
import { until } from '../support/until.ts';

const LONG = 29355126551;

function tabsOf({ tabs }: Lane, number: number, is: Tab['is']): Tab[] {
  return tabs.filter((tab) => tab.number === number && tab.is === is);
}

function states(processes: Lane['processes']): string[] {
  return (processes ?? []).flatMap(({ workers }) => workers.map(({ state }) => state));
}

describe('a lab', () => {
  let lab: TestLab;
  before(async () => {
    lab = await startLab();
    await lab.allServe();
  });
  after(() => lab[Symbol.asyncDispose]());

  /** Leaves all lanes as the next test wants them. */
  async function closeAll(): Promise<void> {
    assert.equal((await lab.order('/api/close')).status, 200);
  }

  it('keeps strangers out, and those without the token from doing anything', async () => {
    const { port } = lab;
    assert.equal((await askAdmin(port, '/api/lab', { headers: { Host: `example.test:${port}` } })).status, 403);
    assert.equal((await askAdmin(port, '/api/lab', { headers: { Origin: 'http://localhost:1' } })).status, 403);
    for (const path of ['ask', 'close', 'run', 'halt', 'lanes/pool/kill', 'lanes/pool/start']) {
      assert.equal((await askAdmin(port, `/api/${path}`, { method: 'POST', body: {} })).status, 401, path);
      assert.equal((await askAdmin(port, `/api/${path}`)).status, 405, path);
    }
    const state = (await askAdmin(port, '/api/lab')).text;
    assert.doesNotMatch(state, /token/, 'the token of a server, or of the lab, is in what anybody may read');
  });

  it('serves its page under a policy that lets nothing in, and leads there', async () => {
    const page = await askAdmin(lab.port, '/lab', { headers: { Accept: 'text/html' } });
    assert.equal(page.status, 200);
    assert.match(
      String(page.headers['content-security-policy']),
      /default-src 'none'.*script-src 'self'.*frame-ancestors 'none'/,
    );
    assert.doesNotMatch(page.text, /<style|<script(?![^>]*src=)|style=/);
    const root = await askAdmin(lab.port, '/');
    assert.deepEqual([root.status, root.headers.location], [302, '/lab']);
  });

  it('says what is wrong with an order', async () => {
    const wrong: readonly (readonly [string, object, number, RegExp])[] = [
      ['/api/ask', { number: '7' }, 400, /^number: found "7", expected a whole number/],
      ['/api/ask', { number: 7, times: 25 }, 400, /^times: found 25, expected a whole number from 1 to 24/],
      ['/api/ask', { number: 7, mode: 'spoon' }, 400, /^mode: found "spoon", expected one of blocking, fork/],
      ['/api/ask', { number: 7, token: 1 }, 400, /^body: found the unknown field "token", expected mode, number, times/],
      ['/api/close', { tab: 1 }, 400, /^mode: found none beside a tab/],
      ['/api/lanes/spoon/kill', {}, 400, /^mode: found "spoon"/],
      ['/api/lanes/*/kill', {}, 404, /nothing at this path/],
      ['/api/spoon', {}, 404, /nothing at this path/],
    ];
    for (const [path, body, status, words] of wrong) {
      const answer = await lab.order(path, body);
      assert.equal(answer.status, status, path);
      assert.match(Object(answer.json()).detail, words);
    }
  });

  it('asks all lanes, and the blocking one alone keeps the short request waiting', async () => {
    await lab.order('/api/ask', { number: LONG });
    // A worker of a cluster takes whatever waits when it looks: both, if they come at once.
    await lab.waitForLane('cluster', ({ processes }) => states(processes).includes('busy'));
    await lab.order('/api/ask', { number: 7 });
    for (const mode of ['fork', 'pool', 'thread', 'cluster'] as const) {
      const lane = await lab.waitForLane(mode, (found) => tabsOf(found, 7, 'answered').length === 1);
      const [tab] = tabsOf(lane, 7, 'answered');
      assert.equal(tab?.prime, true);
      assert.equal(tabsOf(lane, LONG, 'loading').length, 1, mode);
      const pids = (lane.processes ?? []).map(({ pid }) => pid);
      assert.ok(mode === 'fork' || pids.includes(tab?.pid ?? 0), `${mode}: nobody of ${pids.join()} has answered`);
      assert.ok(lane.processes?.every(({ isOrphan }) => !isOrphan));
    }
    const blocking = await lab.lane('blocking');
    assert.equal(tabsOf(blocking, 7, 'loading').length, 1);
    assert.deepEqual(
      blocking.processes?.map(({ role }) => role),
      ['primary'],
    );
    const [waiting] = tabsOf(blocking, 7, 'loading');
    assert.match((await lab.order('/api/close', { mode: 'blocking', tab: waiting?.id })).text, /1 tab closed/);
    assert.match((await lab.order('/api/close')).text, /5 tabs closed/);
    const roles = (mode: LabMode, role: string): Promise<Lane> =>
      lab.waitForLane(mode, ({ processes }) => processes?.some((each) => each.role === role) === true);
    for (const mode of ['fork', 'pool', 'cluster'] as const) await roles(mode, 'worker');
  });

  it('kills a primary that computes, sees all of its children end, and starts it again', async () => {
    for (const mode of ['blocking', 'pool', 'cluster'] as const) {
      await lab.waitForLane(mode, ({ server }) => server.is === 'serving');
      await lab.order('/api/ask', { mode, number: LONG, times: 2 });
      assert.match((await lab.order(`/api/lanes/${mode}/kill`)).text, /got SIGKILL/);
      const lane = await lab.waitForLane(mode, ({ server, end }) => server.is === 'gone' && end?.allGoneMs !== null);
      assert.equal(lane.end?.how, 'SIGKILL');
      assert.equal(lane.end.left, 0);
      assert.ok(mode === 'blocking' ? lane.end.children === 0 : lane.end.children >= 2, JSON.stringify(lane.end));
      assert.deepEqual(lane.processes, []);
      await lab.waitForLane(mode, (found) => tabsOf(found, LONG, 'failed').length >= 2);
      const refused = await lab.order('/api/ask', { mode, number: 7 });
      assert.match(Object(refused.json()).detail, /start it again first/);
      assert.equal((await lab.order(`/api/lanes/${mode}/kill`)).status, 409);
      assert.match((await lab.order(`/api/lanes/${mode}/start`)).text, new RegExp(`${mode} serves`));
      await lab.order('/api/ask', { mode, number: 13 });
      await lab.waitForLane(mode, (found) => tabsOf(found, 13, 'answered').length === 1);
    }
  });

  it('bounds the tabs of a lane', async () => {
    assert.equal((await lab.order('/api/ask', { mode: 'blocking', number: LONG, times: 24 })).status, 200);
    const refused = await lab.order('/api/ask', { mode: 'blocking', number: 7 });
    assert.deepEqual([refused.status, /24 tabs may load/.test(refused.text)], [409, true]);
    await closeAll();
    const many = await lab.order('/api/ask', { mode: 'thread', number: 13, times: 24 });
    assert.equal(many.status, 200);
    await lab.waitForLane('thread', ({ tabs }) => tabs.every(({ is }) => is !== 'loading'));
    await lab.order('/api/ask', { mode: 'thread', number: 13, times: 24 });
    assert.ok((await lab.lane('thread')).tabs.length <= 24);
    // It computes for minutes what nobody waits for any more.
    await lab.order('/api/lanes/blocking/kill');
    await lab.waitForLane('blocking', ({ server }) => server.is === 'gone');
    await lab.order('/api/lanes/blocking/start');
  });

  it('plays its story alone, and can be halted', async () => {
    assert.equal((await lab.order('/api/run')).status, 200);
    for (const [path, body] of [
      ['/api/run', {}],
      ['/api/ask', { number: 7 }],
      ['/api/lanes/pool/kill', {}],
    ] as const)
      assert.match((await lab.order(path, body)).text, /halt it first/);
    await until(async () => ((await lab.state()).run?.results[0]?.points.length ?? 0) > 0, {
      describe: 'the first point of the story',
      withinMs: 60_000,
    });
    assert.match((await lab.order('/api/halt')).text, /is halted/);
    const { run, lanes } = await lab.state();
    assert.equal(run?.is, 'halted');
    const [point] = run.results[0]?.points ?? [];
    assert.equal(point?.longs, 0);
    assert.ok(point.count > 0 && point.p50Ms > 0 && point.slowestMs >= point.p50Ms, JSON.stringify(point));
    assert.ok(lanes.every(({ tabs }) => tabs.every(({ is }) => is !== 'loading')));
    assert.match((await lab.order('/api/halt')).text, /no story/);
  });

  it('closes all tabs when its page is closed, and computes nothing any more', async () => {
    await lab.allServe();
    const { lanes } = await lab.state();
    const page = await EventReader.open(lab.port);
    await lab.order('/api/ask', { number: LONG });
    await page.until(({ data }) => /"number":29355126551,"is":"loading"/.test(JSON.stringify(data)));
    page.close();
    await lab.waitForLane('pool', (lane) => tabsOf(lane, LONG, 'closed').length === 1);
    // Where nobody hears that a client is gone, the server can only be ended.
    const pidOf = (lane: Lane | undefined): number => (lane?.server.is === 'serving' ? lane.server.pid : 0);
    for (const mode of ['blocking', 'cluster'] as const) {
      const former = pidOf(lanes.find((lane) => lane.mode === mode));
      await lab.waitForLane(mode, (lane) => pidOf(lane) !== 0 && pidOf(lane) !== former);
      await lab.order('/api/ask', { mode, number: 13 });
      await lab.waitForLane(mode, (lane) => tabsOf(lane, 13, 'answered').length === 1);
    }
  });

  it('tells in a line that its port is taken', async () => {
    const { code, stdout, stderr } = await runCommand(['lab', '--port', String(lab.port)]);
    assert.deepEqual([code, stdout], [4, '']);
    assert.match(stderr, /^prefork: port \d+ on 127\.0\.0\.1, for the lab, is in use .* with --port \(ERR_PORT_IN_USE\)\n$/);
  });

  it('ends with all of its servers at SIGTERM, while they compute', async () => {
    await lab.order('/api/ask', { number: LONG });
    lab.signal('SIGTERM');
    assert.deepEqual(await lab.exited(), { code: 0, signal: null });
    await lab.family.ended();
    assert.deepEqual(lab.stderr, []);
  });
});

it('nothing of a lab survives that is killed by SIGKILL while its servers compute', async () => {
  await using lab = await startLab();
  await lab.allServe();
  await lab.order('/api/ask', { number: LONG, times: 2 });
  for (const mode of ['fork', 'pool', 'thread', 'cluster'] as const)
    await lab.waitForLane(mode, ({ processes }) => (processes ?? []).reduce((sum, { cpuPercent }) => sum + cpuPercent, 0) > 10);
  await until(() => lab.family.children().length >= 5 + 3 * 2, { describe: 'five servers, and the workers of three' });
  lab.signal('SIGKILL');
  await lab.exited();
  await lab.family.ended();
});

it('the servers of a lab end with it by themselves, should its sentinel be gone too', async () => {
  await using lab = await startLab();
  await lab.allServe();
  // Those of the servers are their children.
  const head = lab.family.live().find(({ cmd }) => / lab /.test(cmd));
  const sentinel = lab.family.children().find(({ cmd, ppid }) => cmd.includes('prefork-sentinel') && ppid === head?.pid);
  assert.ok(sentinel !== undefined, JSON.stringify(lab.family.live()));
  // A lab that stands still starts no other one.
  lab.signal('SIGSTOP');
  process.kill(sentinel.pid, 'SIGKILL');
  await gone([sentinel]);
  lab.signal('SIGKILL');
  await lab.exited();
  await lab.family.ended();
});
