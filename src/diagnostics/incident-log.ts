/**
 * The incidents that are kept, in memory and bounded: the newest of each group, and a count for the rest. It knows nothing of workers or
 * files; whoever keeps copies elsewhere subscribes.
 */
import type { Incident, IncidentGroup } from './incident.ts';

/** Incidents that are kept in all, and of one group: one hung function must not push everything else out. */
const MOST_INCIDENTS = 200;
const MOST_OF_A_GROUP = 20;
const MOST_GROUPS = 100;

interface GroupRecord {
  readonly group: string;
  readonly kind: Incident['kind'];
  title: string;
  count: number;
  readonly firstAt: string;
  lastAt: string;
  /** The newest last. */
  readonly ids: string[];
}

export class IncidentLog {
  readonly #incidents = new Map<string, Incident>();
  /** The one with the newest incident last. */
  readonly #groups = new Map<string, GroupRecord>();
  readonly #listeners = new Set<(incident: Incident) => void>();
  #total = 0;

  /** @param listener called with each incident that is new, or has news. @returns what ends that */
  subscribe(listener: (incident: Incident) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** How many there have been. */
  get total(): number {
    return this.#total;
  }

  /** Incidents that are kept no longer. */
  get dropped(): number {
    return this.#total - this.#incidents.size;
  }

  get(id: string): Incident | undefined {
    return this.#incidents.get(id);
  }

  /** The newest first. */
  list(): Incident[] {
    return [...this.#incidents.values()].toReversed();
  }

  /** The one with the newest incident first. */
  groups(): IncidentGroup[] {
    return [...this.#groups.values()].toReversed().map(copyOf);
  }

  /** @param title one line: what happened, and where */
  add(incident: Incident, title: string): void {
    this.#total += 1;
    this.#incidents.set(incident.id, incident);
    this.#join(incident, title);
    if (this.#incidents.size > MOST_INCIDENTS) this.#forgetOldest();
    this.#tell(incident);
  }

  /** There is news of an incident, which may belong to another group now. One that is kept no longer stays forgotten. */
  update(incident: Incident, title: string): void {
    const before = this.#incidents.get(incident.id);
    if (before === undefined) return;
    this.#incidents.set(incident.id, incident);
    if (before.group !== incident.group) {
      this.#leave(before);
      this.#join(incident, title);
    }
    this.#tell(incident);
  }

  #tell(incident: Incident): void {
    for (const listener of this.#listeners) listener(incident);
  }

  #join(incident: Incident, title: string): void {
    const { group, kind, at, id } = incident;
    const known = this.#groups.get(group);
    const record = known ?? { group, kind, title, count: 0, firstAt: at, lastAt: at, ids: [] };
    record.title = title;
    record.count += 1;
    record.lastAt = at;
    record.ids.push(id);
    this.#groups.delete(group);
    this.#groups.set(group, record);
    const [oldest] = record.ids;
    if (record.ids.length > MOST_OF_A_GROUP && oldest !== undefined) this.#forget(oldest);
    const [first] = this.#groups.values();
    if (this.#groups.size > MOST_GROUPS && first !== undefined) this.#forgetGroup(first);
  }

  #leave({ group, id }: Incident): void {
    const record = this.#groups.get(group);
    if (record === undefined) return;
    record.count -= 1;
    removeFrom(record.ids, id);
    if (record.count === 0) this.#groups.delete(group);
  }

  #forgetOldest(): void {
    const [oldest] = this.#incidents.keys();
    if (oldest !== undefined) this.#forget(oldest);
  }

  #forget(id: string): void {
    const incident = this.#incidents.get(id);
    this.#incidents.delete(id);
    const record = incident === undefined ? undefined : this.#groups.get(incident.group);
    if (record !== undefined) removeFrom(record.ids, id);
  }

  #forgetGroup(record: GroupRecord): void {
    this.#groups.delete(record.group);
    for (const id of record.ids) this.#incidents.delete(id);
  }
}

function copyOf({ group, kind, title, count, firstAt, lastAt, ids }: GroupRecord): IncidentGroup {
  return { group, kind, title, count, firstAt, lastAt, ids: ids.toReversed() };
}

function removeFrom(ids: string[], id: string): void {
  const index = ids.indexOf(id);
  if (index !== -1) ids.splice(index, 1);
}
