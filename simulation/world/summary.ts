import type { Outcome } from './run-seed.ts';

/** One line for one of many worlds. */
export function toLine({ seed, scenario, chronicle, lengthMs }: Outcome): string {
  const { max, cpus, concurrency, reuse } = scenario.policy;
  const answers = [...chronicle.answers.values()].reduce((sum, count) => sum + count, 0);
  const kind = reuse ? `concurrency ${concurrency}` : 'one task each';
  return `seed ${seed}: ${chronicle.eventCount} events, ${answers} tasks, ${seconds(lengthMs)} s, ${max} workers at most, ${cpus} CPUs, ${kind}, ${chronicle.hash}`;
}

/** All that one world comes to. */
export function toReport({ seed, scenario, chronicle, lengthMs }: Outcome): string {
  const { policy, traffic, faults, operations, ...rest } = scenario;
  const sections: readonly (readonly [name: string, entries: readonly [string, string | number | boolean][]])[] = [
    ['policy', Object.entries(policy)],
    ['world', Object.entries(rest)],
    [
      'traffic',
      Object.entries({ ...traffic, kinds: traffic.kinds.map(({ kind, weight }) => `${kind} ${weight.toFixed(2)}`).join(', ') }),
    ],
    ['faults', Object.entries(faults)],
    ['operations', Object.entries(operations)],
    ['events', sorted(chronicle.events)],
    ['commands', sorted(chronicle.commands)],
    ['answers', sorted(chronicle.answers)],
  ];
  return [
    `seed ${seed}: ${chronicle.eventCount} events in ${seconds(lengthMs)} s of simulated time`,
    ...sections.map(([name, entries]) => [`${name}:`, ...entries.map(([key, value]) => `  ${key} ${shown(value)}`)].join('\n')),
    `hash ${chronicle.hash}`,
  ].join('\n');
}

function sorted(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].toSorted(([one], [other]) => (one < other ? -1 : 1));
}

function shown(value: string | number | boolean): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(6))) : String(value);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
