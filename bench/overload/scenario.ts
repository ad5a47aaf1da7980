import { fromBuild } from '../builds.ts';
import { Generator } from '../load/generator.ts';
import type { Phase, PhaseResult } from '../load/phases.ts';
import type { Contender, Effort, Scenario, Value } from '../matrix/scenario.ts';
import { RunningPeer } from '../measure/running-peer.ts';
import { PEERS, type Peer } from '../peers/catalogue.ts';
import { percentile } from '../report/statistics.ts';

/** A server of the catalogue of `mixed`, under another load. */
interface Loaded extends Contender {
  readonly peer: Peer;
}

/** A prime that takes some milliseconds of trial division. */
const NUMBER = 1_299_709;
/** Enough to keep every worker at work, and no more than any server lets wait. */
const CAPACITY_AT_ONCE = 8;
const WARM_UP_SECONDS = 1;
const QUICK_WARM_UP_SECONDS = 0.5;
const IN_TIME_MS = 1000;
const P99_BOUND_MS = 1000;
const NAMES = new Set(['prefork-pool', 'prefork-thread', 'bare', 'cluster', 'piscina', 'tinypool', 'workerpool', 'poolifier']);
const OWN = 'prefork-pool';

const [CAPACITY, GOODPUT, SHARE, P50, P99, REFUSED, LATE] = [
  'capacity',
  'goodput at twice that',
  'goodput : capacity',
  'p50 of the answered',
  'p99 of the answered',
  'refused (503)',
  'too late or lost',
];

/** Twice as many requests as a server can answer. */
export const OVERLOAD: Scenario<Loaded> = {
  name: 'overload',
  title: 'Twice as many requests as can be answered',
  about: [
    `Requests that compute for some milliseconds (${NUMBER} by trial division). First ${CAPACITY_AT_ONCE} at a time, each sent when another one is answered: that is the capacity. Then twice as many a second, at`,
    `planned times, whatever became of those before, on kept connections where one is free. Goodput is what was answered rightly within ${IN_TIME_MS / 1000} s of its planned time; percentiles are of all right`,
    'answers, which come within 5 s or count as lost.',
  ].join('\n'),
  contenders: PEERS.filter(({ name }) => NAMES.has(name)).map((peer) => ({
    name: peer.name,
    kind: peer.kind === 'own' ? 'own' : peer.name === 'bare' || peer.name === 'cluster' ? 'reference' : 'peer',
    what: peer.description,
    missing: peer.missing(),
    peer,
  })),
  columns: [
    { name: CAPACITY, unit: 'requests/s', better: 'more' },
    { name: GOODPUT, unit: 'requests/s', better: 'more' },
    { name: SHARE, unit: 'times', better: 'more' },
    { name: P50, unit: 'ms', better: 'less' },
    { name: P99, unit: 'ms', better: 'less' },
    // What is refused is not answered too late.
    { name: REFUSED, unit: '%', better: 'neither' },
    { name: LATE, unit: '%', better: 'less' },
  ],
  plotted: [CAPACITY, GOODPUT, P50, P99],
  goals: [
    {
      key: 'goodput',
      goal: 'prefork-pool: goodput at twice the capacity is at least 0.9 of the capacity',
      bound: 0.9,
      kind: 'least',
      unit: 'times',
      figure: (of) => of.value(OWN, SHARE),
    },
    {
      key: 'p99',
      goal: `prefork-pool: p99 of the answered is at most ${P99_BOUND_MS / 1000} s`,
      bound: P99_BOUND_MS,
      kind: 'most',
      unit: 'ms',
      figure: (of) => of.value(OWN, P99),
    },
  ],
  rounds: 2,
  seconds: 1.5,
  async measure({ peer }, effort) {
    const generator = new Generator(true);
    const server = await RunningPeer.start(fromBuild(peer, effort.build));
    try {
      return await measureOverload(server.port, generator, effort);
    } finally {
      generator.end();
      await server.end();
    }
  },
};

async function measureOverload(port: number, generator: Generator, { seconds, isQuick }: Effort): Promise<readonly Value[]> {
  const common = { connections: 'kept', numbers: [NUMBER], most: null } as const;
  const closed = (length: number): Phase => ({
    ...common,
    arrival: 'saturating',
    seconds: length,
    ratePerSecond: 0,
    concurrency: CAPACITY_AT_ONCE,
  });
  const [, full] = await generator.run(port, [closed(isQuick ? QUICK_WARM_UP_SECONDS : WARM_UP_SECONDS), closed(seconds)]);
  const capacity = (full?.latenciesMs.length ?? 0) / seconds;
  if (full === undefined || capacity === 0) throw new Error('found no capacity: nothing was answered');
  const length = seconds * 1.5;
  const open: Phase = { ...common, arrival: 'fixedRate', seconds: length, ratePerSecond: 2 * capacity, concurrency: 1 };
  const [over] = await generator.run(port, [open]);
  if (over === undefined) throw new Error('the generator gave no result');
  return valuesOf(over, capacity, length);
}

function valuesOf(over: PhaseResult, capacity: number, seconds: number): readonly Value[] {
  const { latenciesMs, sent, late, failed, sentLate } = over;
  const inTime = latenciesMs.filter((ms) => ms <= IN_TIME_MS).length / seconds;
  const refused = failed['status 503'] ?? 0;
  const percent = (count: number): number => (count / sent) * 100;
  const isAnswered = latenciesMs.length > 0;
  return [
    { column: CAPACITY, value: capacity },
    { column: GOODPUT, value: inTime, detail: { sent, sentLate, late, failed } },
    { column: SHARE, value: inTime / capacity },
    { column: P50, value: isAnswered ? percentile(latenciesMs, 50) : null },
    { column: P99, value: isAnswered ? percentile(latenciesMs, 99) : null },
    { column: REFUSED, value: percent(refused) },
    { column: LATE, value: percent(sent - latenciesMs.length - refused) },
  ];
}
