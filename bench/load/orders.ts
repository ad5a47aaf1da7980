import type { Phase, PhaseResult } from './phases.ts';

/** What the generator is told, and what it answers with. */
export interface Order {
  readonly port: number;
  readonly phases: readonly Phase[];
}

export interface Report {
  readonly results: readonly PhaseResult[];
}

export function isOrder(value: unknown): value is Order {
  return isRecord(value) && typeof value['port'] === 'number' && Array.isArray(value['phases']);
}

export function isReport(value: unknown): value is Report {
  return isRecord(value) && Array.isArray(value['results']);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
