import type { StackFrame, StackReport } from '../data/types.ts';
import { amount, duration, shortPath, time } from '../data/words.ts';

/** What a look into a worker found: the user's own code first, and the line that runs. */
export function StackView({ report }: { report: StackReport }) {
  const { summary, verdict, source, frames, takenAt, tookMs, cpuPercent, resources, thread } = report;
  return (
    <div class="stack">
      <p class="stack-summary">
        {!summary.startsWith(verdict) && <span class="unseen">{verdict}: </span>}
        <span class={`verdict-word is-${verdict}`}>{summary.slice(0, summary.search(/\s|$/))}</span>
        {summary.slice(summary.search(/\s|$/))}
      </p>
      {source !== null && (
        <pre class="source-line" tabIndex={0} aria-label={`Line ${source.line} of ${source.file}`}>
          <span class="faint">{source.line}</span> {source.text}
        </pre>
      )}
      {frames.length > 0 && <Frames frames={frames} />}
      <p class="faint">
        Taken at {time(takenAt)} within {duration(tookMs)}
        {cpuPercent !== null && `, ${amount(cpuPercent)} % CPU meanwhile`}
        {thread !== null && `, thread ${thread.state}${thread.waitChannel === null ? '' : ` in ${thread.waitChannel}`}`}
        {thread?.systemCall !== null && thread !== null && `, system call ${thread.systemCall}`}
        {resources !== null && resourcesOf(resources)}
      </p>
    </div>
  );
}

/** The frames of the user are what one came for; those around them are there to be opened. */
function Frames({ frames }: { frames: readonly StackFrame[] }) {
  const own = frames.filter(({ origin }) => origin === 'user');
  return (
    <>
      {own.length > 0 && (
        <ol class="frames" aria-label="Frames of your own code, the innermost first">
          {own.map((frame, index) => (
            <Frame key={index} frame={frame} />
          ))}
        </ol>
      )}
      <details open={own.length === 0}>
        <summary>
          {own.length === 0 ? 'No frame is of your own code; all' : 'All'} {frames.length} frames
        </summary>
        <ol class="frames">
          {frames.map((frame, index) => (
            <Frame key={index} frame={frame} />
          ))}
        </ol>
      </details>
    </>
  );
}

function Frame({ frame: { function: name, file, line, column, origin } }: { frame: StackFrame }) {
  return (
    <li class={`of-${origin}`}>
      <b>{name}</b>{' '}
      <code title={`${file}:${line}:${column}`}>
        {shortPath(file, 3)}:{line}:{column}
      </code>
      {origin !== 'user' && <span class="faint"> {origin}</span>}
    </li>
  );
}

function resourcesOf(resources: Readonly<Record<string, number>>): string {
  const parts = Object.entries(resources).map(([kind, count]) => (count === 1 ? kind : `${count} ${kind}`));
  return parts.length === 0 ? '' : `; kept alive by ${parts.join(', ')}`;
}
