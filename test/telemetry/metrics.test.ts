import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TaskCounts, timesOf } from '../../src/http/task-counts.ts';
import { metricsText } from '../../src/telemetry/metrics.ts';
import { startWithAdmin } from '../admin/admin-of.ts';
import { askAdmin } from '../admin/ask-admin.ts';
import { SmallControlled } from '../admin/small-controlled.ts';
import { get } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { until } from '../support/until.ts';

const SAMPLE = /^(prefork_[a-z_]+)(\{(?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;

interface Family {
  readonly help: string;
  readonly type: string;
  readonly samples: ReadonlyMap<string, number>;
}

/** Reads the text as strictly as its format is described. */
function parse(text: string): Map<string, Family> {
  assert.ok(text.endsWith('\n') && !text.includes('\n\n'));
  const families = new Map<string, { help: string; type: string; samples: Map<string, number> }>();
  let current: { help: string; type: string; samples: Map<string, number> } | undefined;
  let name = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const [, kind, about = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (kind === 'HELP') {
      assert.ok(!families.has(about), `${about} is there twice`);
      name = about;
      current = { help: rest, type: '', samples: new Map() };
      families.set(name, current);
    } else if (kind === 'TYPE') {
      assert.equal(about, name);
      if (current !== undefined) current.type = rest;
    } else {
      const [, sample = '', labels = '', value = ''] = SAMPLE.exec(line) ?? [];
      const base = current?.type === 'histogram' ? sample.replace(/_(bucket|sum|count)$/, '') : sample;
      assert.equal(base, name, `${line} is in the family of ${name}`);
      assert.ok(current !== undefined && !current.samples.has(sample + labels), line);
      current.samples.set(sample + labels, Number(value));
    }
  }
  return families;
}

function sampleOf(families: Map<string, Family>, name: string, sample = name): number | undefined {
  return families.get(name)?.samples.get(sample);
}

test('the state is told as Prometheus reads it', () => {
  const counts = new TaskCounts(50);
  const state = new SmallControlled().state();
  const families = parse(metricsText(state, timesOf(counts.cells), true));
  for (const [name, { type, help, samples }] of families) {
    assert.match(type, /^(counter|gauge|histogram)$/);
    assert.equal(type === 'counter', name.endsWith('_total'), `counters alone end in _total: ${name}`);
    assert.ok(help.endsWith('.') && samples.size > 0, name);
  }
  assert.equal(sampleOf(families, 'prefork_tasks_admitted_total'), 9);
  assert.equal(sampleOf(families, 'prefork_tasks_ended_total', 'prefork_tasks_ended_total{end="timed_out"}'), 1);
  assert.equal(sampleOf(families, 'prefork_queue_oldest_seconds'), 0.12);
  assert.equal(sampleOf(families, 'prefork_lane_running', 'prefork_lane_running{lane="overstaying"}'), 1);
  assert.equal(sampleOf(families, 'prefork_lane_waiting', 'prefork_lane_waiting{lane="long"}'), 2);
  assert.equal(sampleOf(families, 'prefork_lane_acts_total', 'prefork_lane_acts_total{act="expected_long"}'), 3);
  assert.equal(sampleOf(families, 'prefork_tasks_rejected_total', 'prefork_tasks_rejected_total{reason="long_lane_full"}'), 1);
  assert.equal(sampleOf(families, 'prefork_primary_cpu_ratio'), 0.12);
  assert.equal(sampleOf(families, 'prefork_ready'), 1);
});

test('labels are escaped', () => {
  const { server, ...rest } = new SmallControlled().state();
  const text = metricsText({ ...rest, server: { ...server, node: 'a"b\\c\nd' } }, timesOf([]), false);
  assert.match(text, /node="a\\"b\\\\c\\nd"/);
  assert.equal(sampleOf(parse(text), 'prefork_ready'), 0);
});

test('a histogram counts each value in every bucket that has room for it', () => {
  const counts = new TaskCounts(50);
  counts.end('completed', { queueMs: 0.5, runMs: 3 });
  counts.end('completed', { queueMs: 20, runMs: 50 });
  counts.end('timedOut', { queueMs: 1, runMs: 90_000 });
  counts.end('rejected', undefined);
  const families = parse(metricsText(new SmallControlled().state(), timesOf(counts.cells), true));
  const run = (sample: string): number | undefined =>
    sampleOf(families, 'prefork_task_run_seconds', `prefork_task_run_seconds_${sample}`);
  assert.deepEqual(
    ['0.002', '0.005', '0.025', '0.05', '0.1', '60', '+Inf'].map((le) => run(`bucket{lane="short",le="${le}"}`)),
    [0, 1, 1, 2, 2, 2, 2],
  );
  assert.deepEqual([run('count{lane="short"}'), run('sum{lane="short"}')], [2, 0.053]);
  assert.deepEqual([run('bucket{lane="long",le="60"}'), run('bucket{lane="long",le="+Inf"}')], [0, 1]);
  assert.deepEqual([run('count{lane="long"}'), run('sum{lane="long"}')], [1, 90]);
  const queue = 'prefork_task_queue_seconds';
  assert.equal(sampleOf(families, queue, `${queue}_sum{lane="short"}`), 0.0205);
});

for (const mode of ['pool', 'cluster']) {
  test(`mode ${mode}: what was served is in them`, { timeout: 60_000 }, async (t) => {
    await using admin = await startWithAdmin(t, { entry: handler('loop.mjs'), args: ['--mode', mode, '--max', '2'] });
    for (let count = 0; count < 3; count += 1) await get(`${admin.server.url}/ok`);
    await get(`${admin.server.url}/loop?ms=200`);
    const families = await until(
      async () => {
        const read = parse((await askAdmin(admin.socket, '/metrics')).text);
        const isMeasured = (sampleOf(read, 'prefork_workers_resident_memory_bytes') ?? 0) > 2 ** 20;
        return (
          isMeasured && sampleOf(read, 'prefork_tasks_ended_total', 'prefork_tasks_ended_total{end="completed"}') === 4 && read
        );
      },
      { describe: 'four tasks to be counted, and the memory of workers to be measured' },
    );
    const name = 'prefork_task_run_seconds';
    const [short, long] = ['short', 'long'].map((lane) => sampleOf(families, name, `${name}_count{lane="${lane}"}`) ?? 0);
    assert.equal((short ?? 0) + (long ?? 0), 4);
    assert.ok((long ?? 0) >= 1, 'a loop of 200 ms is a long task');
  });
}
