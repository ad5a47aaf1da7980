import type { Incident } from '../data/types.ts';
import { bytes, dateAndTime, duration } from '../data/words.ts';
import { StackView } from '../worker/stack-view.tsx';
import { Timeline } from './timeline.tsx';

export function IncidentView({ incident }: { incident: Incident }) {
  const { id, kind, at, request, worker, end, stack, lastWords, timeline } = incident;
  return (
    <>
      <h2>
        <span class={`kind is-${kind}`}>{kind}</span>{' '}
        {request === null ? (
          'A worker did not boot'
        ) : (
          <code class="long-text">
            {request.method} {request.url}
          </code>
        )}
      </h2>
      <p class="faint">
        <time dateTime={at}>{dateAndTime(at)}</time>, incident <code>{id}</code>
        {worker !== null && (
          <>
            , <a href={`#/workers/${worker.id}`}>worker {worker.id}</a> (pid {worker.pid})
          </>
        )}
      </p>
      <p>{end === null ? 'It goes on.' : endWords(end)}</p>
      <h3>Where it was</h3>
      {stack === null ? <p class="empty">No stack was taken.</p> : <StackView report={stack} />}
      {lastWords.length > 0 && (
        <>
          <h3>Last words</h3>
          <pre class="words" tabIndex={0} aria-label="Last words of the worker">
            {lastWords.join('\n')}
          </pre>
        </>
      )}
      <h3>Timeline</h3>
      <Timeline moments={timeline} />
      <RequestFacts incident={incident} />
    </>
  );
}

function endWords({ how, status, exitCode, signal }: NonNullable<Incident['end']>): string {
  const parts = [
    status !== null && !how.includes(String(status)) ? `status ${status}` : '',
    exitCode !== null && !how.includes(String(exitCode)) ? `exit code ${exitCode}` : '',
    signal !== null && !how.includes(signal) ? `signal ${signal}` : '',
  ].filter((part) => part !== '');
  const sentence = `${how.charAt(0).toUpperCase()}${how.slice(1)}`;
  return parts.length === 0 ? `${sentence}.` : `${sentence} (${parts.join(', ')}).`;
}

function RequestFacts({ incident: { request, figures, mode } }: { incident: Incident }) {
  return (
    <>
      <h3>Figures</h3>
      <dl class="facts">
        {figures !== null && (
          <>
            <Fact name="Ran" value={duration(figures.runMs)} />
            <Fact name="Waited" value={duration(figures.queueMs)} />
            <Fact name="CPU time" value={figures.cpuMs === null ? 'not known' : duration(figures.cpuMs)} />
            <Fact name="Memory" value={figures.rssBytes === null ? 'not known' : bytes(figures.rssBytes)} />
            <Fact
              name="Loop delay"
              value={figures.eventLoopDelayMs === null ? 'not known' : duration(figures.eventLoopDelayMs)}
            />
          </>
        )}
        {request !== null && <Fact name="Task" value={String(request.task)} />}
        {request !== null && <Fact name="Route" value={request.route} />}
        <Fact name="Mode" value={mode} />
      </dl>
    </>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="long-text">{value}</dd>
    </div>
  );
}
