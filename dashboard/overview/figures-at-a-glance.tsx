import type { ComponentChildren } from 'preact';
import { latest, state } from '../data/store.ts';
import type { Latency, State } from '../data/types.ts';
import { amount, bytes, duration } from '../data/words.ts';

export function FiguresAtAGlance() {
  if (state.value === null) return null;
  const { server, queue, workers, totals } = state.value;
  const figures = latest.value;
  const lanes = figures?.lanes ?? { short: 0, long: 0 };
  const workersCpu = workers.reduce((sum, { cpuPercent }) => sum + cpuPercent, 0);
  return (
    <section aria-label="At a glance">
      <dl class="glance">
        <Figure name="Requests" value={figures === undefined ? '–' : amount(figures.answeredPerSecond)} unit="per second">
          {amount(totals.admitted)} since the start{errorsOf(state.value)}
        </Figure>
        <LatencyFigure name="Short tasks" latency={figures?.short ?? null} />
        <LatencyFigure name="Long tasks" latency={figures?.long ?? null} />
        <Figure name="Queue" value={amount(queue.depth)} unit={queue.limit > 0 ? `of ${amount(queue.limit)}` : ''}>
          {queue.depth === 0 ? 'nobody waits' : `the oldest for ${duration(queue.oldestMs)}`}
        </Figure>
        <Figure name="Lanes" value={String(lanes.short)} unit="short">
          {lanes.long} long
        </Figure>
        <Figure name="Primary" value={duration(server.eventLoopDelayMs)} unit="late (p99)">
          {amount(server.cpuPercent)} % CPU, {bytes(server.rssBytes)}
        </Figure>
        <Figure name="Workers" value={amount(workersCpu)} unit="% CPU">
          {workers.some(({ kind }) => kind === 'thread')
            ? 'in the memory of the primary'
            : `${bytes(figures?.workersRssBytes ?? 0)} in all`}
        </Figure>
      </dl>
    </section>
  );
}

function errorsOf({ totals }: State): string {
  const { failed, crashed, timedOut, rejected } = totals;
  const parts = [
    [failed, 'failed'],
    [crashed, 'crashed'],
    [timedOut, 'timed out'],
    [rejected, 'turned away'],
  ].filter(([count]) => count !== 0);
  return parts.map(([count, word]) => `, ${amount(Number(count))} ${word}`).join('');
}

function LatencyFigure({ name, latency }: { name: string; latency: Latency | null }) {
  if (latency === null)
    return (
      <Figure name={name} value="–" unit="">
        none ended in 10 s
      </Figure>
    );
  return (
    <Figure name={name} value={duration(latency.p50Ms)} unit="p50">
      p90 {duration(latency.p90Ms)}, p99 {duration(latency.p99Ms)}
    </Figure>
  );
}

function Figure({ name, value, unit, children }: { name: string; value: string; unit: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <span class="value">
          {value} <small>{unit}</small>
        </span>
        <span class="beside">{children}</span>
      </dd>
    </div>
  );
}
