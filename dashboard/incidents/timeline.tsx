import type { Incident } from '../data/types.ts';
import { duration } from '../data/words.ts';

/** The moments of a task in their order, each with how long after the first it was and a bar that shows it. */
export function Timeline({ moments }: { moments: Incident['timeline'] }) {
  if (moments.length === 0) return <p class="empty">It had no moment before this one.</p>;
  const lastMs = Math.max(1, ...moments.map(({ atMs }) => atMs));
  return (
    <ol class="timeline">
      {moments.map(({ atMs, what }, index) => (
        <li key={index}>
          <span class="timeline-at">{duration(atMs)}</span>
          <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
            <rect width={(100 * atMs) / lastMs} height="4" />
          </svg>
          <span>{what}</span>
        </li>
      ))}
    </ol>
  );
}
