import { moments, state } from '../data/store.ts';
import { trackOf, type WorkerTrack } from '../data/worker-tracks.ts';
import { age, amount, dateAndTime, duration, lookOf } from '../data/words.ts';
import { Chart } from '../overview/chart.tsx';
import { MomentsList } from '../overview/moments-list.tsx';
import { StateMark } from '../overview/state-mark.tsx';
import { WorkerActions } from './worker-actions.tsx';
import { SeenTasks } from './seen-tasks.tsx';

const SPAN_SECONDS = 600;
const BYTES_A_MB = 1024 * 1024;

export function WorkerPage({ id }: { id: number }) {
  // The tracks are written with each state.
  void state.value;
  const track = trackOf(id);
  if (track === undefined)
    return (
      <>
        <h1>Worker {id}</h1>
        <p class="empty">
          There is no worker {id}: it has ended, or never was. <a href="#/">All workers</a>
        </p>
      </>
    );
  return (
    <>
      <WorkerHeading track={track} />
      <WorkerActions id={id} pid={track.info.pid} isGone={track.isGone} />
      <WorkerFacts track={track} />
      <WorkerCharts track={track} />
      <section aria-labelledby="tasks">
        <h2 id="tasks">Tasks seen on it</h2>
        <SeenTasks tasks={track.tasks} />
      </section>
      <section aria-labelledby="moments">
        <h2 id="moments">What happened to it</h2>
        <MomentsList moments={moments.value.filter(({ worker }) => worker === id)} />
      </section>
    </>
  );
}

function WorkerHeading({ track: { info, isGone } }: { track: WorkerTrack }) {
  const look = isGone ? 'killing' : lookOf(info);
  return (
    <div class="page-head">
      <h1>Worker {info.id}</h1>
      <span class={`state-word look-${look}`}>
        <StateMark look={look} /> {isGone ? 'gone' : look}
      </span>
      <span class="faint">
        {info.kind} {info.pid}
      </span>
    </div>
  );
}

function WorkerFacts({ track: { info, isGone } }: { track: WorkerTrack }) {
  const { task } = info;
  return (
    <dl class="facts">
      <div class="wide">
        <dt>{isGone ? 'Last task' : 'Task'}</dt>
        <dd>
          {task === null ? (
            'none'
          ) : (
            <>
              <code class="long-text">
                {task.method} {task.url}
              </code>{' '}
              for {duration(task.runMs)}
              {info.lane !== null && `, ${info.lane} lane`}
              {info.running > 1 && `, and ${info.running - 1} more`}
            </>
          )}
        </dd>
      </div>
      <Fact name="Served" value={amount(info.served)} />
      <Fact name="Age" value={age(Date.now() - Date.parse(info.startedAt))} title={dateAndTime(info.startedAt)} />
      <Fact name="Booted in" value={info.bootMs === null ? 'not yet' : duration(info.bootMs)} />
      <Fact name="Event loop" value={HEALTH_WORDS[info.health]} />
      <Fact name="Code" value={String(info.generation)} />
    </dl>
  );
}

const HEALTH_WORDS = { alive: 'turns', busy: 'does not turn: it computes', hung: 'nothing was heard of it' } as const;

function Fact({ name, value, title }: { name: string; value: string; title?: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd title={title}>{value}</dd>
    </div>
  );
}

function WorkerCharts({ track: { at, cpuPercent, rssBytes, eventLoopDelayMs } }: { track: WorkerTrack }) {
  const megabytes = rssBytes.map((count) => count / BYTES_A_MB);
  return (
    <section class="charts" aria-label="Figures since this page is open">
      <Chart
        title="CPU, percent of one"
        times={at}
        lines={[{ name: 'CPU', colour: '--accent', values: cpuPercent }]}
        format={amount}
        spanSeconds={SPAN_SECONDS}
      />
      <Chart
        title="Memory"
        times={at}
        lines={[{ name: 'resident', colour: '--accent', values: megabytes }]}
        format={(value) => `${amount(value)} MB`}
        spanSeconds={SPAN_SECONDS}
      />
      <Chart
        title="Event-loop delay"
        times={at}
        lines={[{ name: 'delay', colour: '--accent', values: eventLoopDelayMs }]}
        format={duration}
        spanSeconds={SPAN_SECONDS}
      />
    </section>
  );
}
