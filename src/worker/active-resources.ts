import type { InspectedThread } from '../channel/observation.ts';
import { evaluate } from './evaluate.ts';

/**
 * Asks a thread what of the handler's keeps its event loop alive, by kind: https://nodejs.org/api/process.html#processgetactiveresourcesinfo
 *
 * @returns undefined when it could not be asked; null when it does not know
 */
export async function activeResources(thread: InspectedThread): Promise<Readonly<Record<string, number>> | null | undefined> {
  try {
    return count(await evaluate(thread, 'process.getActiveResourcesInfo()'), thread.ownResources);
  } catch {
    return undefined;
  }
}

function count(kinds: unknown, own: Readonly<Record<string, number>>): Readonly<Record<string, number>> | null {
  if (!Array.isArray(kinds)) return null;
  const counts = new Map<string, number>();
  for (const kind of kinds) if (typeof kind === 'string') counts.set(kind, (counts.get(kind) ?? 0) + 1);
  for (const [kind, ours] of Object.entries(own)) counts.set(kind, (counts.get(kind) ?? 0) - ours);
  return Object.fromEntries([...counts].filter(([, theirs]) => theirs > 0));
}
