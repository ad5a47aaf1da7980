import type { Moment } from '../data/types.ts';
import { time, wordsOf } from '../data/words.ts';

const MOST_LINES = 100;

/** What happened, the newest first. What a request brought is text here as everywhere. */
export function MomentsList({ moments }: { moments: readonly Moment[] }) {
  if (moments.length === 0) return <p class="empty">Nothing since this page is open.</p>;
  return (
    <ol class="moments" tabIndex={0} aria-label="What happened, the newest first">
      {moments.slice(0, MOST_LINES).map((moment) => {
        const { tone, text } = wordsOf(moment);
        const { worker } = moment;
        return (
          <li key={keyOf(moment)} class={`is-${tone}`}>
            <time dateTime={moment.at}>{time(moment.at)}</time>
            {typeof worker === 'number' ? <a href={`#/workers/${worker}`}>w{worker}</a> : <span class="faint">server</span>}
            <span>{text}</span>
          </li>
        );
      })}
    </ol>
  );
}

const keys = new WeakMap<Moment, number>();
let nextKey = 0;

/** Two moments may be alike in all that they say. */
function keyOf(moment: Moment): number {
  const known = keys.get(moment);
  if (known !== undefined) return known;
  nextKey += 1;
  keys.set(moment, nextKey);
  return nextKey;
}
