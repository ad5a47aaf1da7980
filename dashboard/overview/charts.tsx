import { useState } from 'preact/hooks';
import { samples } from '../data/store.ts';
import type { Figures } from '../data/types.ts';
import { amount, bytes, duration, time } from '../data/words.ts';
import { Chart, type Line } from './chart.tsx';

const SPAN_SECONDS = 600;
/** The axis has round numbers of what it is drawn in. */
const BYTES_A_MB = 1024 * 1024;
/** A line a second would be no help to who listens to them. */
const TABLE_EVERY = 15;

export function Charts() {
  const [isTable, setIsTable] = useState(false);
  return (
    <section aria-labelledby="minutes">
      <div class="heading">
        <h2 id="minutes">The last ten minutes</h2>
        <button type="button" class="quiet" aria-pressed={isTable} onClick={() => setIsTable(!isTable)}>
          {isTable ? 'Show charts' : 'Show as a table'}
        </button>
      </div>
      {isTable ? <FiguresTable all={samples.value} /> : <ChartGrid all={samples.value} />}
    </section>
  );
}

function ChartGrid({ all }: { all: readonly Figures[] }) {
  const times = all.map(({ at }) => Date.parse(at) / 1000);
  const line = (name: string, colour: string, read: (figures: Figures) => number | null): Line => ({
    name,
    colour,
    values: all.map(read),
  });
  const chart = (title: string, format: (value: number) => string, ...lines: Line[]) => (
    <Chart title={title} times={times} lines={lines} format={format} spanSeconds={SPAN_SECONDS} />
  );
  return (
    <div class="charts">
      {chart(
        'Requests per second',
        amount,
        line('answered', '--accent', (figures) => figures.answeredPerSecond),
      )}
      {chart(
        'Short tasks',
        duration,
        line('p99', '--faint', ({ short }) => short?.p99Ms ?? null),
        line('p50', '--accent', ({ short }) => short?.p50Ms ?? null),
      )}
      {chart(
        'Long tasks',
        duration,
        line('p99', '--faint', ({ long }) => long?.p99Ms ?? null),
        line('p50', '--warn', ({ long }) => long?.p50Ms ?? null),
      )}
      {chart(
        'Work',
        amount,
        line('waiting', '--bad', (figures) => figures.queueDepth),
        line('long', '--warn', ({ lanes }) => lanes.long),
        line('short', '--accent', ({ lanes }) => lanes.short),
      )}
      {chart(
        'CPU, percent of one',
        amount,
        line('workers', '--accent', (figures) => figures.workersCpuPercent),
        line('primary', '--faint', (figures) => figures.primaryCpuPercent),
      )}
      {chart(
        'Memory',
        (value) => `${amount(value)} MB`,
        line('workers', '--accent', (figures) => figures.workersRssBytes / BYTES_A_MB),
        line('primary', '--faint', (figures) => figures.primaryRssBytes / BYTES_A_MB),
      )}
      {chart(
        'Event-loop delay of the primary, p99',
        duration,
        line('delay', '--accent', (figures) => figures.eventLoopDelayMs),
      )}
    </div>
  );
}

function FiguresTable({ all }: { all: readonly Figures[] }) {
  const rows = all.filter((_, index) => (all.length - 1 - index) % TABLE_EVERY === 0).toReversed();
  if (rows.length === 0) return <p class="empty">There is no sample yet: one comes each second.</p>;
  return (
    <div class="scroller" tabIndex={0} role="region" aria-label="The last ten minutes as a table">
      <table>
        <thead>
          <tr>
            {[
              'Time',
              'Requests/s',
              'Short p50',
              'p90',
              'p99',
              'Long p50',
              'p90',
              'p99',
              'Waiting',
              'Workers',
              'CPU',
              'Memory',
              'Delay',
            ].map((name, index) => (
              <th key={index} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((figures) => (
            <FiguresRow key={figures.at} figures={figures} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function FiguresRow({ figures }: { figures: Figures }) {
  const { short, long, workers } = figures;
  const ms = (value: number | undefined): string => (value === undefined ? '–' : duration(value));
  const cells = [
    amount(figures.answeredPerSecond),
    ...[short?.p50Ms, short?.p90Ms, short?.p99Ms, long?.p50Ms, long?.p90Ms, long?.p99Ms].map(ms),
    amount(figures.queueDepth),
    String(Object.values(workers).reduce((sum, count) => sum + count, 0)),
    `${amount(figures.workersCpuPercent)} %`,
    bytes(figures.workersRssBytes),
    duration(figures.eventLoopDelayMs),
  ];
  return (
    <tr>
      <th scope="row">{time(figures.at)}</th>
      {cells.map((cell, index) => (
        <td key={index}>{cell}</td>
      ))}
    </tr>
  );
}
