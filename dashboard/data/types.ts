import type { AdminEvent, Incidents } from '../../src/admin/api.ts';

export type {
  AdminProblem,
  Done,
  Figures,
  FiguresSeries,
  Incidents,
  Inspection,
  Latency,
  ReloadReport,
  SettingsInForce,
  State,
  WorkerInfo,
} from '../../src/admin/api.ts';

export type Incident = Incidents['incidents'][number];
export type IncidentGroup = Incidents['groups'][number];
export type StackReport = NonNullable<Incident['stack']>;
export type StackFrame = StackReport['frames'][number];
export type Moment = Extract<AdminEvent, { event: 'moment' }>['data'];
