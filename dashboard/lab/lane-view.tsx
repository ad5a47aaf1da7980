import { ActionButton } from '../control/action-button.tsx';
import { amount, duration, plural } from '../data/words.ts';
import { LaneTabs } from './lane-tabs.tsx';
import { LaneProcesses } from './lane-processes.tsx';
import { ModeMark } from './mode-mark.tsx';
import { MODE_WORDS } from './mode-words.ts';
import { order } from './orders.ts';
import type { LabMode, Lane, LaneEnd } from './types.ts';

/** One server: what it is, its tabs, its processes. */
export function LaneView({ lane, isPlaying }: { lane: Lane; isPlaying: boolean }) {
  const { mode, server, command, end } = lane;
  const { what, why } = MODE_WORDS[mode];
  return (
    <article class="lane" aria-labelledby={`lane-${mode}`}>
      <div class="lane-about">
        <div class="lane-head">
          <h2 id={`lane-${mode}`}>
            <ModeMark mode={mode} /> {mode}
          </h2>
          {server.is === 'serving' ? (
            <code class="faint" title={`${command} --port 0 --admin-port 0`}>
              {command.replace(/^.*(?=--mode)/, '')}
            </code>
          ) : (
            <span class={`pill ${server.is === 'gone' ? 'is-gone' : 'is-changing'}`}>{server.is}</span>
          )}
        </div>
        <p>
          {what} <span class="faint">{why}</span>
        </p>
        <div class="lane-actions">
          {server.is === 'gone' ? (
            <ActionButton onClick={() => order(`/api/lanes/${mode}/start`)} isBusy={isPlaying}>
              Start it again<span class="unseen">, the server of {mode}</span>
            </ActionButton>
          ) : (
            <ActionButton kind="danger" onClick={() => order(`/api/lanes/${mode}/kill`)} isBusy={isPlaying}>
              Kill the primary<span class="unseen"> of {mode}</span>
            </ActionButton>
          )}
          {server.is === 'serving' && <ServerLinks mode={mode} url={server.url} dashboard={server.dashboard} />}
        </div>
      </div>
      <LaneTabs lane={lane} isPlaying={isPlaying} />
      <div class="lane-processes">
        <LaneProcesses lane={lane} />
        {server.is === 'gone' && end?.how !== 'SIGKILL' && <p class="failure">It is gone: {server.why}.</p>}
        {end !== null && <EndTold end={end} />}
      </div>
    </article>
  );
}

/** It is a server as any other: it can be asked in real tabs, and looked into. */
function ServerLinks({ mode, url, dashboard }: { mode: LabMode; url: string; dashboard: string | null }) {
  return (
    <>
      <a href={`${url}/`} target="_blank" rel="noreferrer">
        <span class="unseen">The server of {mode}, in a new tab, port </span>
        <span aria-hidden="true">:</span>
        {new URL(url).port}
      </a>
      {dashboard !== null && (
        <a href={`${dashboard}/`} target="_blank" rel="noreferrer">
          Dashboard<span class="unseen"> of {mode}, in a new tab</span>
        </a>
      )}
    </>
  );
}

/** What became of the children, which is what the switch is for. */
function EndTold({ end: { pid, how, children, left, allGoneMs } }: { end: LaneEnd }) {
  const whose = children === 0 ? 'It had no children' : `Its ${plural(children, 'child', 'children')}`;
  const came =
    allGoneMs === null
      ? `${amount(left)} of ${plural(children, 'child', 'children')} still there`
      : children === 0
        ? whose
        : `${whose} ${children === 1 ? 'was' : 'were'} gone ${duration(allGoneMs)} later`;
  return (
    <p class={`end-told ${allGoneMs === null ? 'is-open' : ''}`} role="status">
      <strong>
        Primary {pid} ended by {how}.
      </strong>{' '}
      {came}. Orphans: {left}.
    </p>
  );
}
