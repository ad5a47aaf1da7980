import type { JSX } from 'preact';
import type { Look } from '../data/words.ts';

/** Each state has a shape of its own: colour alone is not for everybody. */
const SHAPES: Readonly<Record<Look, JSX.Element>> = {
  booting: <circle cx="6" cy="6" r="4" class="hollow" stroke-dasharray="2.5 2.5" />,
  idle: <circle cx="6" cy="6" r="4" class="hollow" />,
  busy: <circle cx="6" cy="6" r="5" class="full" />,
  demoted: (
    <>
      <circle cx="6" cy="6" r="4.4" class="hollow" />
      <path d="M6 1.2a4.8 4.8 0 0 0 0 9.6z" class="full" />
    </>
  ),
  hung: <path d="M6 .6 11.4 6 6 11.4.6 6z" class="full" />,
  draining: <path d="M1.5 2.5h9L6 10.5z" class="hollow" />,
  killing: <path d="m2 2 8 8m0-8-8 8" class="hollow thick" />,
};

export function StateMark({ look }: { look: Look }) {
  return (
    <svg class={`state-mark look-${look}`} viewBox="0 0 12 12" aria-hidden="true">
      {SHAPES[look]}
    </svg>
  );
}
