import { duration } from '../data/words.ts';
import { ModeMark } from './mode-mark.tsx';
import { StoryChart } from './story-chart.tsx';
import type { LabMode, Point, Run } from './types.ts';

/** What "Run all" has measured so far. */
export function StoryView({ run }: { run: Run }) {
  const { is, told, progress, longNumber, shortNumber, tookMs } = run;
  return (
    <section class="story" aria-labelledby="story">
      <div class="heading">
        <h2 id="story">How long a short request takes</h2>
        {is === 'running' ? (
          <span class="story-progress" role="status">
            <progress value={progress} aria-label="Progress of the story" /> <span>{told}</span>
          </span>
        ) : (
          <span class={is === 'failed' ? 'failure' : 'faint'} role={is === 'failed' ? 'alert' : 'status'}>
            {endWords(run)} {duration(tookMs)}
          </span>
        )}
      </div>
      <Finding run={run} />
      <div class="story-body">
        <StoryChart run={run} />
        <StoryTable run={run} />
      </div>
      <p class="faint">
        The median of requests for {shortNumber}, one after the other on new connections, beside as many for {longNumber} (about
        half a second of dividing, asked again as soon as it is answered). One mode after the other, so that none disturbs
        another.
      </p>
    </section>
  );
}

function endWords({ is, told }: Run): string {
  if (is === 'done') return 'Measured in';
  if (is === 'halted') return 'Halted after';
  return `It broke off: ${told}; after`;
}

/** What is worth to be remembered, as a sentence, when both ends of it are known. */
function Finding({ run: { results, longs } }: { run: Run }) {
  const most = longs.at(-1);
  const pointOf = (mode: LabMode): Point | undefined =>
    results.find((result) => result.mode === mode)?.points.find((point) => point.longs === most);
  const [blocking, pool] = [pointOf('blocking'), pointOf('pool')];
  if (blocking === undefined || pool === undefined) return null;
  return (
    <p class="finding">
      Beside {most} long requests a short one takes <b class="mode-blocking">{inWords(blocking)} in one process</b> and{' '}
      <b class="mode-pool">{inWords(pool)} in the pool</b>.
    </p>
  );
}

function StoryTable({ run: { longs, results } }: { run: Run }) {
  return (
    <div class="scroller" tabIndex={0} role="region" aria-label="The same as a table">
      <table class="story-table">
        <caption class="unseen">Median time of a short request, and the slowest, by mode and number of long requests</caption>
        <thead>
          <tr>
            <th scope="col">Long requests</th>
            {longs.map((count) => (
              <th key={count} scope="col">
                {count}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {results.map(({ mode, points }) => (
            <tr key={mode}>
              <th scope="row">
                <ModeMark mode={mode} /> {mode}
              </th>
              {longs.map((count) => (
                <Cell key={count} point={points.find((point) => point.longs === count)} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ point }: { point: Point | undefined }) {
  if (point === undefined) return <td class="faint">–</td>;
  return (
    <td>
      {timeOf(point)}
      <span class="slowest">{point.count === 1 ? 'asked once' : `to ${duration(point.slowestMs)}`}</span>
    </td>
  );
}

function timeOf({ p50Ms, isAtLeast }: Point): string {
  return `${isAtLeast ? '> ' : ''}${duration(p50Ms)}`;
}

function inWords({ p50Ms, isAtLeast }: Point): string {
  return `${isAtLeast ? 'more than ' : ''}${duration(p50Ms)}`;
}
