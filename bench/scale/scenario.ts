import { join } from 'node:path';
import { fromBuild } from '../builds.ts';
import { saysHello, TINY } from '../http/scenario.ts';
import { serversOf, type Server } from '../http/servers.ts';
import { sendFlood } from '../load/flood-orders.ts';
import type { Contender, ContenderKind, Effort, Scenario, Value } from '../matrix/scenario.ts';
import { cpuSecondsOf } from '../measure/processes.ts';
import { runProgram } from '../measure/run-program.ts';
import { RunningPeer } from '../measure/running-peer.ts';
import { BENCH_FOLDER } from '../paths.ts';
import { fault, hasPackage } from '../peers/needs.ts';

const FOLDER = join(BENCH_FOLDER, 'scale');
const LIMIT_MS = 90_000;
const AT_ONCE = 32;
/** A pool that grows with the load has grown by then. */
const GROW_SECONDS = 2;
const QUICK_GROW_SECONDS = 0.5;
/** So many connections are opened in each second of the warm-up, at least. */
const OPENED_PER_SECOND = 3000;

/** A pool with more workers and longer queues, or a server with more connections. */
interface Growing extends Contender {
  readonly does: { readonly kind: 'pool'; readonly file: string } | { readonly kind: 'server'; readonly server: Server };
}

interface Size {
  readonly count: number;
  readonly column: string;
}

const WORKERS: readonly Size[] = sizes([2, 64], (count) => `${count} workers, CPU a task`);
const QUEUED: readonly Size[] = sizes([1000, 100_000], (count) => `${count.toLocaleString('en')} queued, time a task`);
const CONNECTIONS: readonly Size[] = sizes(
  [32, 1000, 10_000],
  (count) => `${count.toLocaleString('en')} connections, CPU a request`,
);
const [OWN, SERVE] = ['prefork processes', 'prefork serve'];
const { own, node } = serversOf('http');

/** What more workers, longer queues and more connections cost. */
export const SCALE: Scenario<Growing> = {
  name: 'scale',
  title: 'What more workers, longer queues and more connections cost',
  about: [
    'Pools with 2 to 64 workers whose tasks wait for 10 ms, all of them busy: CPU time of the calling process for each task, its threads included. Pools with two workers that get 1,000 and 100,000 tasks (n + 1) in one go:',
    `time for each. Servers with ${AT_ONCE} requests on their way, in turns over up to 10,000 connections: CPU time of all processes of the server for each request. Each result is checked.`,
  ].join('\n'),
  contenders: [
    pool(OWN, 'own', 'prefork-reuse', 'createPool'),
    pool('prefork threads', 'own', 'prefork-thread', "createPool with isolation: 'thread'"),
    pool('tinypool processes', 'peer', 'tinypool', "runtime: 'child_process'", 'tinypool'),
    pool('workerpool processes', 'peer', 'workerpool', "workerType: 'process'", 'workerpool'),
    pool('piscina threads', 'peer', 'piscina', 'its defaults', 'piscina'),
    server(SERVE, own('pool', 'mode pool, its defaults')),
    server('node:http', node('bare', 'reference', 'node:http alone')),
    server('node:cluster', node('cluster', 'reference', 'node:cluster')),
  ],
  columns: [...WORKERS, ...QUEUED, ...CONNECTIONS].map(({ column }) => ({ name: column, unit: 'µs', better: 'less' })),
  plotted: [WORKERS, QUEUED, CONNECTIONS].flatMap((among) => [among[0]?.column ?? '', among.at(-1)?.column ?? '']),
  goals: [
    flat('workers', OWN, WORKERS, 'CPU a task with 64 workers'),
    flat('queued', OWN, QUEUED, 'time a task of 100,000 queued'),
    flat('connections', SERVE, CONNECTIONS, 'CPU a request with 10,000 connections'),
  ],
  rounds: 2,
  seconds: 1,
  async measure({ does }, effort) {
    return does.kind === 'pool' ? measurePool(does.file, effort) : measureServer(fromBuild(does.server, effort.build), effort);
  },
};

/** The dearest against the cheapest would be noise: the last one against the first one is what growth costs. */
function flat(key: string, name: string, among: readonly Size[], what: string): Scenario['goals'][number] {
  const [first, last] = [among[0]?.column ?? '', among.at(-1)?.column ?? ''];
  return {
    key,
    goal: `${name}: ${what} at most 1.3 times that with ${among[0]?.count.toLocaleString('en')}`,
    bound: 1.3,
    kind: 'most',
    unit: 'times',
    figure: (of) => of.value(name, last) / of.value(name, first),
  };
}

async function measurePool(file: string, { seconds, wants, build }: Effort): Promise<readonly Value[]> {
  const values: Value[] = [];
  for (const { count, column } of WORKERS.filter((size) => wants(size.column))) {
    const args = ['run-workers.mjs', `./${file}.mjs`, `${count}`, `${seconds}`];
    const { cpuMicros, perSecond } = await runProgram<{ cpuMicros: number; perSecond: number }>(args, FOLDER, LIMIT_MS, build);
    values.push({ column, value: cpuMicros, detail: { perSecond } });
  }
  for (const { count, column } of QUEUED.filter((size) => wants(size.column))) {
    const args = ['run-queue.mjs', `./${file}.mjs`, `${count}`, `${seconds}`];
    const { micros, times } = await runProgram<{ micros: number; times: number }>(args, FOLDER, LIMIT_MS, build);
    values.push({ column, value: micros, detail: { times } });
  }
  return values;
}

async function measureServer(of: Server, { seconds, isQuick, wants }: Effort): Promise<readonly Value[]> {
  const values: Value[] = [];
  const running = await RunningPeer.start(of, { trial: saysHello });
  try {
    for (const { count, column } of CONNECTIONS.filter((size) => wants(size.column))) {
      const looks: number[] = [];
      const warmUpSeconds = Math.max(isQuick ? QUICK_GROW_SECONDS : GROW_SECONDS, count / OPENED_PER_SECOND);
      const flood = {
        ...TINY,
        port: running.port,
        connections: 'kept',
        open: count,
        atOnce: AT_ONCE,
        warmUpSeconds,
        seconds,
      } as const;
      const found = await sendFlood(flood, () => looks.push(cpuSecondsOf(running.family)));
      const [before = 0, after = 0] = looks;
      const answered = found.perSecond * seconds;
      if (answered === 0) throw new Error(`${column}: nothing was answered: ${JSON.stringify(found.failed)}`);
      values.push({ column, value: ((after - before) * 1e6) / answered, detail: { ...found } });
    }
    return values;
  } finally {
    await running.end();
  }
}

function sizes(counts: readonly number[], name: (count: number) => string): readonly Size[] {
  return counts.map((count) => ({ count, column: name(count) }));
}

function pool(name: string, kind: ContenderKind, file: string, what: string, packageName?: string): Growing {
  const missing = packageName === undefined ? undefined : fault(hasPackage(packageName));
  return { name, kind, what, missing, does: { kind: 'pool', file } };
}

function server(name: string, of: Server): Growing {
  return { name, kind: of.kind, what: of.what, missing: of.missing, does: { kind: 'server', server: of } };
}
