import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { duration } from '../data/words.ts';
import { ModePoint } from './mode-mark.tsx';
import { decadesFor, heightOf, spread } from './scales.ts';
import type { ModeResult, Run } from './types.ts';

const HEIGHT = 300;
const TOP = 14;
const BOTTOM = 44;
const LEFT = 56;
const RIGHT = 84;
const LABEL_GAP = 16;
const NARROWEST = 280;

/** Short requests against long ones, a line for each mode; the table beside it says the same. */
export function StoryChart({ run }: { run: Run }) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return;
    const measure = (): void => setWidth(Math.max(NARROWEST, element.clientWidth));
    measure();
    const resize = new ResizeObserver(measure);
    resize.observe(element);
    return () => resize.disconnect();
  }, []);

  return (
    <div ref={place} class="story-chart">
      {width > 0 && <Drawing run={run} width={width} />}
    </div>
  );
}

interface Frame {
  readonly width: number;
  readonly longs: readonly number[];
  readonly xOf: (index: number) => number;
  readonly yOf: (ms: number) => number;
  /** ms */
  readonly ticks: readonly number[];
}

function frameFor({ longs, results }: Run, width: number): Frame {
  const decades = decadesFor(results.flatMap(({ points }) => points.map(({ p50Ms }) => p50Ms)));
  return {
    width,
    longs,
    xOf: (index) => LEFT + (index * (width - LEFT - RIGHT)) / Math.max(1, longs.length - 1),
    yOf: (ms) => HEIGHT - BOTTOM - heightOf(ms, decades) * (HEIGHT - TOP - BOTTOM),
    ticks: Array.from({ length: decades.high - decades.low + 1 }, (_, index) => 10 ** (decades.low + index)),
  };
}

function Drawing({ run, width }: { run: Run; width: number }) {
  const frame = frameFor(run, width);
  const drawn = run.results.filter(({ points }) => points.length > 0);
  const ends = drawn.map(({ points }) => frame.yOf(points.at(-1)?.p50Ms ?? 1));
  const labels = spread(ends, LABEL_GAP, HEIGHT - BOTTOM);
  return (
    <svg width={width} height={HEIGHT} aria-hidden="true">
      <Axes frame={frame} />
      {drawn.map((result, index) => (
        <ModeLine key={result.mode} result={result} frame={frame} labelY={labels[index] ?? 0} />
      ))}
    </svg>
  );
}

function Axes({ frame: { width, longs, xOf, yOf, ticks } }: { frame: Frame }) {
  return (
    <>
      {ticks.map((tick) => (
        <g key={tick} class="tick">
          <line x1={LEFT} x2={width - RIGHT} y1={yOf(tick)} y2={yOf(tick)} />
          <text x={LEFT - 8} y={yOf(tick)} dy=".32em" text-anchor="end">
            {tickWords(tick)}
          </text>
        </g>
      ))}
      {longs.map((count, index) => (
        <text key={count} x={xOf(index)} y={HEIGHT - BOTTOM + 20} text-anchor="middle">
          {count}
        </text>
      ))}
      <text x={(LEFT + width - RIGHT) / 2} y={HEIGHT - 6} text-anchor="middle">
        long requests at the same time
      </text>
    </>
  );
}

function ModeLine({
  result: { mode, points },
  frame: { xOf, yOf },
  labelY,
}: {
  result: ModeResult;
  frame: Frame;
  labelY: number;
}) {
  return (
    <g class={`line mode-${mode}`}>
      <polyline points={points.map(({ p50Ms }, index) => `${xOf(index)},${yOf(p50Ms)}`).join(' ')} />
      {points.map(({ longs, p50Ms, isAtLeast }, index) => (
        <g key={longs}>
          <title>{`${mode}, beside ${longs} long: ${duration(p50Ms)}${isAtLeast ? ' or more' : ''}`}</title>
          <ModePoint mode={mode} x={xOf(index)} y={yOf(p50Ms)} />
          {isAtLeast && <path class="more" d={`M${xOf(index)} ${yOf(p50Ms) - 7}v-8m-3 4 3-4 3 4`} />}
        </g>
      ))}
      <text x={xOf(points.length - 1) + 10} y={labelY} dy=".32em">
        {mode}
      </text>
    </g>
  );
}

function tickWords(ms: number): string {
  return ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`;
}
