import type { Cell } from '../measure/cell.ts';
import type { BeforeEntry } from '../before/before.ts';
import type { FloorCell } from '../measure/floor.ts';
import type { LongPair } from '../measure/two-long.ts';
import type { Options } from '../options.ts';
import type { PeerKind } from '../peers/catalogue.ts';
import type { Machine } from './machine.ts';

export interface PeerEntry {
  readonly name: string;
  readonly kind: PeerKind;
  readonly description: string;
  /** Why it was not measured; null when it was. */
  readonly missing: string | null;
}

/** All that a run found out, as it is written to disk: raw latencies included. */
export interface Results {
  readonly format: 2;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly options: Options;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  /** The build of prefork beside the present one. */
  readonly before: BeforeEntry | null;
  /** Whether the load generator went before the servers in the queue for a CPU. */
  readonly generatorGoesFirst: boolean;
  readonly peers: readonly PeerEntry[];
  /** The order of the peers in each round. */
  readonly order: readonly (readonly string[])[];
  readonly cells: readonly Cell[];
  readonly twoLong: readonly LongPair[];
  readonly floor: readonly FloorCell[];
}
