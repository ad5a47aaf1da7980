/** Results that were never measured, for what is made of results. */
import type { PhaseResult } from '../../bench/load/phases.ts';
import type { Cell, CellOutcome } from '../../bench/measure/cell.ts';
import type { Floor, FloorCell, FloorOrder } from '../../bench/measure/floor.ts';
import type { EventLoopDelay } from '../../bench/measure/read-delay.ts';
import type { Results } from '../../bench/report/results.ts';

export function measured(latenciesMs: readonly number[], unanswered = 0, delay: EventLoopDelay | null = null): CellOutcome {
  const phase: PhaseResult = {
    arrival: 'fixedRate',
    connections: 'new',
    sent: latenciesMs.length + unanswered,
    latenciesMs,
    late: unanswered,
    failed: {},
    sentLate: 0,
  };
  return { kind: 'measured', phases: [phase], delay, longCpuSeconds: 0, longEnded: {}, loadAverage: 0 };
}

export function cell(peer: string, long: number, outcome: CellOutcome, round = 1): Cell {
  return { peer, long, round, outcome };
}

export function results(cells: readonly Cell[]): Results {
  const peer = { description: '', missing: null };
  return {
    format: 2,
    startedAt: '2026-11-25T03:00:00.000Z',
    finishedAt: '2026-11-25T03:30:00.000Z',
    options: {
      command: 'mixed',
      peers: undefined,
      long: [0, 8],
      rounds: 1,
      seconds: 2,
      ratePerSecond: 50,
      warmUp: 50,
      out: undefined,
      before: undefined,
    },
    machine: { cpu: 'a CPU', cpus: 2, memoryGb: 8, system: 'linux' },
    versions: {},
    before: null,
    generatorGoesFirst: true,
    peers: [
      { ...peer, name: 'prefork-pool', kind: 'own' },
      { ...peer, name: 'bare', kind: 'node' },
      { ...peer, name: 'go', kind: 'reference' },
      { ...peer, name: 'erlang', kind: 'reference', missing: 'erl is missing' },
    ],
    order: [],
    cells,
    twoLong: [],
    floor: [],
  };
}

export function delayOf(p99Ms: number): EventLoopDelay {
  return { samples: 100, p50Ms: 0.1, p99Ms, maxMs: p99Ms };
}

/** A floor that is kept, but for what is said otherwise. */
export function floorCell(order: FloorOrder, different: Partial<Floor> = {}, peer = 'prefork-pool', round = 1): FloorCell {
  const floor: Floor = {
    seconds: 5,
    workers: 2,
    longShare: 0.15,
    longs: [
      { waitedMs: 4, shareOfOneCpu: 0.16, ended: null },
      { waitedMs: 9, shareOfOneCpu: 0.14, ended: null },
    ],
    idleShare: 0.001,
    idleShareAlone: 0.002,
    othersShare: 0.01,
    connections: 64,
    loadSeconds: 7,
    shortAnswered: 70_000,
    shortUnanswered: 0,
    delay: delayOf(5),
    ...different,
  };
  return { peer, order, round, outcome: { kind: 'measured', result: floor } };
}
