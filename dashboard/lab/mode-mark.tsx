import type { JSX } from 'preact';
import type { LabMode } from './types.ts';

/** Each mode has a shape and a colour, in its lane and in the chart: colour alone is not for everybody. */
const SHAPES: Readonly<Record<LabMode, JSX.Element>> = {
  blocking: <rect x="-4" y="-4" width="8" height="8" />,
  fork: <path d="M0-5 5 4H-5z" />,
  pool: <circle r="4.6" />,
  thread: <path d="M0-5.4 5.4 0 0 5.4-5.4 0z" />,
  cluster: <path d="M-5-4H5L0 5z" />,
};

export function ModeMark({ mode }: { mode: LabMode }) {
  return (
    <svg class={`mode-mark mode-${mode}`} viewBox="-6 -6 12 12" aria-hidden="true">
      {SHAPES[mode]}
    </svg>
  );
}

/** The same, within a drawing. */
export function ModePoint({ mode, x, y }: { mode: LabMode; x: number; y: number }) {
  return <g transform={`translate(${x} ${y}) scale(.8)`}>{SHAPES[mode]}</g>;
}
