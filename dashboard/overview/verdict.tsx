import { clock } from '../data/clock.ts';
import { incidents, latest, state } from '../data/store.ts';
import { fromHome } from '../data/words.ts';
import { findingsOf } from '../data/verdict.ts';

/** Whether something is wrong, before all figures. */
export function Verdict() {
  if (state.value === null) return null;
  const { entry } = state.value.server;
  const found = findingsOf(state.value, latest.value, incidents.value?.groups ?? [], clock.value);
  if (found.length === 0)
    return (
      <p class="verdict is-well" role="status">
        <span class="sign" aria-hidden="true" />
        Nothing is wrong.
      </p>
    );
  return (
    <ul class="verdict" aria-label="What is wrong">
      {found.map(({ tone, text, to }) => (
        <li key={text} class={`is-${tone}`}>
          <span class="sign" aria-hidden="true" />
          <span class="unseen">{tone === 'bad' ? 'Wrong: ' : 'Worth a look: '}</span>
          {to === null ? (
            text
          ) : (
            <a href={to} title={text}>
              {fromHome(text, entry)}
            </a>
          )}
        </li>
      ))}
    </ul>
  );
}
