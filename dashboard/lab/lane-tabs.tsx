import { ActionButton } from '../control/action-button.tsx';
import { duration } from '../data/words.ts';
import { LONG, SHORTS } from './mode-words.ts';
import { askLanes, order } from './orders.ts';
import type { LabMode, Lane, Tab } from './types.ts';

/** Those that load are all shown, and those that have ended as long as there is room beside them. */
const SHOWN = 12;
const MOST_ENDED = 8;

/** The tabs that are open on one server, the newest first. */
export function LaneTabs({ lane: { mode, tabs, server }, isPlaying }: { lane: Lane; isPlaying: boolean }) {
  const isOff = isPlaying || server.is !== 'serving';
  const loading = tabs.filter(({ is }) => is === 'loading');
  const room = Math.min(MOST_ENDED, Math.max(0, SHOWN - loading.length));
  const ended = tabs.filter(({ is }) => is !== 'loading').slice(-room);
  const shown = new Set(room === 0 ? loading : [...loading, ...ended]);
  return (
    <div class="lane-tabs">
      <div class="ask-row">
        <span class="faint">Ask</span>
        {[LONG, ...SHORTS].map((number) => (
          <ActionButton key={number} onClick={() => askLanes(number, 1, mode)} isBusy={isOff}>
            <span class="unseen">{mode}: </span>
            {number}
          </ActionButton>
        ))}
        <span class="ask-count faint">{loading.length === 0 ? '' : `${loading.length} loading`}</span>
      </div>
      {shown.size === 0 ? (
        <p class="empty">No tab is open.</p>
      ) : (
        <ul class="tabs" aria-label={`Tabs on ${mode}, the newest first`}>
          {tabs
            .filter((tab) => shown.has(tab))
            .toReversed()
            .map((tab) => (
              <TabCard key={tab.id} tab={tab} mode={mode} isPlaying={isPlaying} />
            ))}
        </ul>
      )}
    </div>
  );
}

function TabCard({ tab, mode, isPlaying }: { tab: Tab; mode: LabMode; isPlaying: boolean }) {
  const { id, number, is, ms } = tab;
  return (
    <li class={`tab is-${is}`}>
      <span class="tab-head">
        <TabMark is={is} />
        <span class="tab-number">{number}</span>
      </span>
      <strong class="tab-time">{duration(ms)}</strong>
      {is === 'loading' && !isPlaying && (
        <button type="button" class="quiet tab-close" onClick={() => order('/api/close', { mode, tab: id })}>
          <span aria-hidden="true">×</span>
          <span class="unseen">
            Close the tab of {number} on {mode}
          </span>
        </button>
      )}
      <span class="tab-told" title={tab.why ?? undefined}>
        {toldOf(tab)}
      </span>
    </li>
  );
}

function toldOf({ is, prime, pid, why }: Tab): string {
  switch (is) {
    case 'loading':
      return 'loading';
    case 'answered':
      return `${prime === true ? 'prime' : 'not prime'}, pid ${pid ?? '?'}`;
    case 'failed':
      return why ?? 'failed';
    case 'closed':
      return 'closed';
    default:
      return '';
  }
}

/** A shape for each state; the one that loads turns. */
function TabMark({ is }: { is: Tab['is'] }) {
  return (
    <svg class="tab-mark" viewBox="0 0 12 12" aria-hidden="true">
      {is === 'loading' && <path d="M6 1a5 5 0 1 1-5 5" class="line spins" />}
      {is === 'answered' && <path d="m1.5 6.5 3 3 6-7" class="line" />}
      {is === 'failed' && <path d="m2 2 8 8m0-8-8 8" class="line" />}
      {is === 'closed' && <path d="M2 6h8" class="line" />}
    </svg>
  );
}
