import { fromBuild } from '../builds.ts';
import { sendFlood, type FloodResult, type Question } from '../load/flood-orders.ts';
import type { Column, Effort, Goal, Round, Scenario, Value } from '../matrix/scenario.ts';
import { RunningPeer } from '../measure/running-peer.ts';
import { CPUS, serversOf, type Server } from './servers.ts';

/** V8 has compiled what a request needs after some ten thousand of them, in this process and in the workers. */
const WARM_UP_SECONDS = 3;
const QUICK_WARM_UP_SECONDS = 0.3;
const MEGABYTE = 1024 * 1024;
const HELLO = JSON.stringify({ hello: 'world' });
const UPLOADED = 10 * MEGABYTE;
const COUNTED = JSON.stringify({ bytes: UPLOADED });

interface Load extends Column {
  readonly question: Question;
  readonly connections: 'kept' | 'new';
  readonly atOnce: number;
}

export const TINY: Question = { method: 'GET', path: '/', uploadBytes: 0, answerBytes: HELLO.length, answer: HELLO };
const LARGE: Question = { method: 'GET', path: '/large', uploadBytes: 0, answerBytes: MEGABYTE, answer: null };
const UPLOAD: Question = { method: 'POST', path: '/', uploadBytes: UPLOADED, answerBytes: COUNTED.length, answer: COUNTED };

const LOADS: readonly Load[] = [
  { name: 'tiny JSON, kept connections', unit: 'requests/s', better: 'more', question: TINY, connections: 'kept', atOnce: 64 },
  { name: 'tiny JSON, new connections', unit: 'requests/s', better: 'more', question: TINY, connections: 'new', atOnce: 64 },
  { name: 'answer of 1 MB', unit: 'requests/s', better: 'more', question: LARGE, connections: 'kept', atOnce: 16 },
  { name: 'upload of 10 MB', unit: 'requests/s', better: 'more', question: UPLOAD, connections: 'kept', atOnce: 4 },
];
const [KEPT, NEW, ANSWER] = LOADS.map(({ name }) => name) as [string, string, string];
const P99 = 'tiny JSON, kept: p99';
const POOL = 'prefork mode pool';
const { own, node } = serversOf('http');

const CONTENDERS: readonly Server[] = [
  own('pool', 'processes used again, its default'),
  own('thread', 'worker threads used again'),
  own('cluster', 'every worker accepts by itself'),
  node('bare', 'reference', 'node:http alone, one process that listens and answers'),
  node('cluster', 'reference', `node:cluster, ${CPUS} processes`),
  node('piscina', 'peer', `piscina behind node:http, ${CPUS} threads with several tasks each, large memory moved`, 'piscina'),
  node('workerpool', 'peer', `workerpool behind node:http, ${CPUS} processes`, 'workerpool'),
];

const GOALS: readonly Goal[] = [
  times(
    'pool-tiny',
    'mode pool, tiny JSON: at least 0.7 of bare node:http',
    0.7,
    (of) => of.value(POOL, KEPT) / of.value('bare', KEPT),
  ),
  times(
    'pool-large',
    'mode pool, 1 MB: at least 0.85 of bare node:http',
    0.85,
    (of) => of.value(POOL, ANSWER) / of.value('bare', ANSWER),
  ),
  times(
    'pool-piscina',
    'mode pool, tiny JSON: at least 2 times piscina behind node:http',
    2,
    (of) => of.value(POOL, KEPT) / of.value('piscina', KEPT),
  ),
  times(
    'cluster-kept',
    'mode cluster, tiny JSON: at least 0.97 of node:cluster',
    0.97,
    (of) => of.value('prefork mode cluster', KEPT) / of.value('cluster', KEPT),
  ),
  times(
    'cluster-new',
    'mode cluster, new connections: at least 0.97 of node:cluster',
    0.97,
    (of) => of.value('prefork mode cluster', NEW) / of.value('cluster', NEW),
  ),
];

function times(key: string, goal: string, bound: number, figure: (of: Round) => number): Goal {
  return { key, goal, bound, kind: 'least', unit: 'times', figure };
}

/** Requests a second of whole servers. */
export const HTTP: Scenario<Server> = {
  name: 'http',
  title: 'Requests a second of whole servers',
  about: [
    'The same handler on each server: a tiny JSON over 64 connections, kept or a new one for each request, an answer of 1 MB over 16, an upload of 10 MB over 4.',
    'A generator of our own, in a process of its own, sends the next request on a connection when the last one is answered, and checks each answer; it takes about 6 µs of CPU for each,',
    `from the same ${CPUS} CPUs. Each server runs alone, all loads one after the other, each after a warm-up of ${WARM_UP_SECONDS} s.`,
  ].join('\n'),
  contenders: CONTENDERS,
  columns: [...LOADS.map(({ name, unit, better }) => ({ name, unit, better })), { name: P99, unit: 'ms', better: 'less' }],
  plotted: LOADS.map(({ name }) => name),
  goals: GOALS,
  rounds: 3,
  seconds: 1,
  async measure(server, effort) {
    const running = await RunningPeer.start(fromBuild(server, effort.build), { trial: saysHello });
    try {
      const values: Value[] = [];
      for (const load of LOADS.filter(({ name }) => effort.wants(name)))
        values.push(...(await measureLoad(load, running.port, effort)));
      return values;
    } finally {
      await running.end();
    }
  },
};

async function measureLoad(load: Load, port: number, { seconds, isQuick }: Effort): Promise<readonly Value[]> {
  const { name, question, connections, atOnce } = load;
  const found = await sendFlood({
    ...question,
    port,
    connections,
    open: atOnce,
    atOnce,
    warmUpSeconds: isQuick ? QUICK_WARM_UP_SECONDS : WARM_UP_SECONDS,
    seconds,
  });
  const detail = { ...found };
  const rate = { column: name, value: found.perSecond, detail };
  if (isWrong(found)) throw new Error(`${name}: not all were answered rightly: ${JSON.stringify(found.failed)}`);
  return name === KEPT ? [rate, { column: P99, value: found.p99Ms }] : [rate];
}

/** A connection that the server closes while the generator writes is part of HTTP; more than one of a thousand is none. */
function isWrong({ failed, perSecond }: FloodResult): boolean {
  const count = Object.values(failed).reduce((sum, each) => sum + each, 0);
  return perSecond === 0 || count > Math.max(2, perSecond / 1000);
}

export async function saysHello(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(5000) });
    return (await response.text()) === HELLO;
  } catch {
    return false;
  }
}
