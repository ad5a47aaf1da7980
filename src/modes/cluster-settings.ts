import type { Settings } from '../config/settings.ts';

/** The environment variable in which a cluster worker finds its settings; it removes it before the handler is loaded. */
export const CLUSTER_SETTINGS = 'PREFORK_CLUSTER_SETTINGS';

export interface ClusterSettings extends Settings {
  /** From which both sides derive the ids of incidents. */
  readonly incidentSeed: string;
}
