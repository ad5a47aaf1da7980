import { useState } from 'preact/hooks';
import { ActionButton } from '../control/action-button.tsx';
import { failure, askLanes, order } from './orders.ts';
import { LONG, SHORTS } from './mode-words.ts';
import type { Lane, Run } from './types.ts';

const MOST_LONGS = 12;

export interface ControlsProps {
  readonly run: Run | null;
  readonly lanes: readonly Lane[];
  readonly mostTabs: number;
}

/** What is asked of all five at once. */
export function Controls({ run, lanes, mostTabs }: ControlsProps) {
  const [longs, setLongs] = useState(1);
  const isPlaying = run?.is === 'running';
  const hasTabs = lanes.some(({ tabs }) => tabs.length > 0);
  const nobodyServes = lanes.every(({ server }) => server.is !== 'serving');
  const isOff = isPlaying || nobodyServes;
  return (
    <section class="controls" aria-labelledby="ask-all">
      <h2 id="ask-all">Ask all five</h2>
      <div class="control-row">
        <label class="slider">
          Long requests <span class="slider-value">{longs}</span>
          <input
            type="range"
            min={1}
            max={Math.min(MOST_LONGS, mostTabs)}
            value={longs}
            onInput={({ currentTarget }) => setLongs(Number(currentTarget.value))}
          />
        </label>
        <span class="control-group">
          <ActionButton onClick={() => askLanes(LONG, longs)} isBusy={isOff}>
            Ask {LONG} <Times count={longs} />
          </ActionButton>
          {SHORTS.map((number) => (
            <ActionButton key={number} onClick={() => askLanes(number, 1)} isBusy={isOff}>
              Ask {number}
            </ActionButton>
          ))}
        </span>
        <ActionButton onClick={() => order('/api/close')} isBusy={isPlaying || !hasTabs}>
          Close all tabs
        </ActionButton>
        <span class="control-story">
          {isPlaying ? (
            <ActionButton onClick={() => order('/api/halt')}>Halt</ActionButton>
          ) : (
            <ActionButton kind="primary" onClick={() => order('/api/run')} isBusy={nobodyServes}>
              Run all
            </ActionButton>
          )}
          <span class="faint">{isPlaying ? 'The lanes are measured in turn.' : 'Plays it by itself, in under a minute.'}</span>
        </span>
      </div>
      {failure.value !== null && (
        <p class="failure" role="alert">
          {failure.value}
        </p>
      )}
    </section>
  );
}

/** Always there, so that the button keeps its width. */
function Times({ count }: { count: number }) {
  return <span class="times">× {count}</span>;
}
