import { useEffect, useRef, useState } from 'preact/hooks';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export interface Line {
  readonly name: string;
  /** A custom property of the style, such as `--accent`. */
  readonly colour: string;
  /** Beside the times; null where there is no value. */
  readonly values: readonly (number | null)[];
}

export interface ChartProps {
  readonly title: string;
  /** Unix times in seconds. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  readonly format: (value: number) => string;
  /** How many seconds it shows at most. */
  readonly spanSeconds: number;
}

const HEIGHT_PX = 120;
const LEAST_SPAN_SECONDS = 60;

/** Lines over the last minutes, drawn on a canvas: the table beside it is for who can not see it. */
export function Chart({ title, times, lines, format, spanSeconds }: ChartProps) {
  /** The sample under the pointer. */
  const [pointed, setPointed] = useState<number | null>(null);
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | null>(null);
  const data = [times, ...lines.map(({ values }) => values)] as UPlot.AlignedData;
  const latest = useRef(data);
  latest.current = data;
  const names = lines.map(({ name, colour }) => `${name} ${colour}`).join();

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = new UPlot(optionsOf(element, { lines, format, spanSeconds, onPoint: setPointed }), latest.current, element);
    };
    draw();
    const resize = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    resize.observe(element);
    // A canvas has the colours that it was drawn with.
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', draw);
    return () => {
      resize.disconnect();
      scheme.removeEventListener('change', draw);
      plot.current?.destroy();
      plot.current = null;
    };
    // Lines are made anew with each sample, and what is drawn is not, for it.
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- see above
  }, [names, spanSeconds]);
  useEffect(() => plot.current?.setData(data));

  const index = pointed ?? -1;
  const atPointed = pointed === null ? undefined : times[pointed];
  return (
    <figure class="chart">
      <figcaption>
        {title}
        <span class="chart-legend">
          {atPointed !== undefined && <span>{new Date(atPointed * 1000).toLocaleTimeString('en-GB')}</span>}
          {lines.map(({ name, colour, values }) => (
            <span key={name}>
              <i class="swatch" style={{ background: `var(${colour})` }} />
              {name} <b>{told(values.at(index), format)}</b>
            </span>
          ))}
        </span>
      </figcaption>
      <div ref={place} class="chart-place" aria-hidden="true" />
    </figure>
  );
}

function told(value: number | null | undefined, format: ChartProps['format']): string {
  return value === undefined || value === null ? '–' : format(value);
}

interface Drawn extends Pick<ChartProps, 'lines' | 'format' | 'spanSeconds'> {
  readonly onPoint: (index: number | null) => void;
}

function optionsOf(element: HTMLElement, { lines, format, spanSeconds, onPoint }: Drawn): UPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--faint'),
    grid: { stroke: colour('--rule'), width: 1 },
    ticks: { show: false },
    font: `11px ${style.fontFamily}`,
  };
  return {
    width: element.clientWidth,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
    padding: [8, 6, 0, 0],
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] },
    scales: {
      x: { range: ({ data: [times] }) => rangeOf(times[0], spanSeconds) },
      y: { range: (_plot, _low, high) => [0, Math.max(1, (Number.isFinite(high) ? high : 0) * 1.15)] },
    },
    axes: [
      { ...axis, size: 24, space: 70, values: (_plot, ticks) => clocksOf(ticks) },
      { ...axis, size: 62, space: 34, values: (_plot, ticks) => ticks.map((tick) => format(tick)) },
    ],
    series: [
      {},
      ...lines.map((line) => ({
        label: line.name,
        stroke: colour(line.colour),
        width: 1.5,
        spanGaps: false,
        points: { show: false },
      })),
    ],
  };
}

/** What there is fills the picture, but for the first minute: a line that is squeezed to a stroke says nothing. */
function rangeOf(first: number | undefined, spanSeconds: number): [number, number] {
  const now = Date.now() / 1000;
  return [Math.max(now - spanSeconds, Math.min(first ?? now, now - LEAST_SPAN_SECONDS)), now];
}

function clocksOf(ticks: readonly number[]): string[] {
  const [first = 0, second = 60] = ticks;
  const seconds = second - first < 60 ? ({ second: '2-digit' } as const) : {};
  return ticks.map((tick) =>
    new Date(tick * 1000).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', ...seconds }),
  );
}
