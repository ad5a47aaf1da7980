import type { Ghost } from '../data/store.ts';
import type { WorkerInfo } from '../data/types.ts';
import { age, bytes, duration, lookOf } from '../data/words.ts';
import { StateMark } from './state-mark.tsx';

/** One worker at this moment; a click leads to its page. */
export function Tile({ worker, nowMs }: { worker: WorkerInfo; nowMs: number }) {
  const { id, pid, task, cpuPercent, rssBytes, running } = worker;
  const look = lookOf(worker);
  return (
    <li class={`tile look-${look}`}>
      <a href={`#/workers/${id}`} title={task === null ? undefined : `${task.method} ${task.url}`}>
        <span class="tile-head">
          <StateMark look={look} />
          <strong>{look}</strong>
          <span class="tile-name">
            <span class="unseen">, worker </span>
            <span aria-hidden="true">w</span>
            {id}
          </span>
        </span>
        <span class="tile-task">
          {task === null ? <span class="faint">{idleWords(worker)}</span> : <TaskLine worker={worker} />}
          {running > 1 && <span class="faint"> and {running - 1} more</span>}
        </span>
        <span class="tile-foot">
          <span>pid {pid}</span>
          <span>{rssBytes === 0 ? '–' : bytes(rssBytes)}</span>
          <span>{age(nowMs - Date.parse(worker.startedAt))}</span>
        </span>
        <span class="tile-cpu">
          <span class="unseen">CPU {Math.round(cpuPercent)} %</span>
          <svg aria-hidden="true" viewBox="0 0 100 3" preserveAspectRatio="none">
            <rect width={Math.min(100, cpuPercent)} height="3" />
          </svg>
        </span>
      </a>
    </li>
  );
}

function TaskLine({ worker: { task } }: { worker: WorkerInfo }) {
  if (task === null) return null;
  return (
    <>
      <span class="tile-run">{duration(task.runMs)}</span>{' '}
      <span class="tile-url">
        {task.method === 'GET' ? '' : `${task.method} `}
        {task.url}
      </span>
    </>
  );
}

function idleWords({ state, served, bootMs }: WorkerInfo): string {
  if (state === 'starting') return 'loads the handler';
  if (served === 0) return bootMs === null ? 'has served nothing' : `spare, booted in ${duration(bootMs)}`;
  return `served ${served.toLocaleString('en-GB')}`;
}

/** It ended a moment ago, and its tile says why before it goes. */
export function GhostTile({ ghost: { id, pid, reason, unexpected } }: { ghost: Ghost }) {
  return (
    <li class={`tile is-ghost ${unexpected ? 'is-bad' : ''}`}>
      <a href={`#/workers/${id}`}>
        <span class="tile-head">
          <StateMark look="killing" />
          <strong>{unexpected ? 'died' : 'gone'}</strong>
          <span class="tile-name">
            <span class="unseen">, worker </span>
            <span aria-hidden="true">w</span>
            {id}
          </span>
        </span>
        <span class="tile-task">{reason}</span>
        <span class="tile-foot">
          <span>pid {pid}</span>
        </span>
      </a>
    </li>
  );
}
