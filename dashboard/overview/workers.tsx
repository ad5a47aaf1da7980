import { ghosts, state } from '../data/store.ts';
import { type Look, lookOf } from '../data/words.ts';
import { StateMark } from './state-mark.tsx';
import { GhostTile, Tile } from './tile.tsx';

const LOOKS: readonly Look[] = ['busy', 'demoted', 'hung', 'idle', 'booting', 'draining', 'killing'];
/** With more of them than this a tile has only what one looks for first. */
const DENSE_FROM = 48;

/** The processes as a picture. */
export function Workers() {
  if (state.value === null) return null;
  const { workers, server } = state.value;
  const present = new Set(workers.map(({ id }) => id));
  const gone = ghosts.value.filter(({ id }) => !present.has(id));
  const nowMs = Date.now();
  return (
    <section aria-labelledby="workers">
      <div class="heading">
        <h2 id="workers">
          Workers <span class="count">{workers.length}</span>
        </h2>
        <ul class="legend" aria-label="Workers by state">
          {LOOKS.map((look) => [look, workers.filter((worker) => lookOf(worker) === look).length] as const)
            .filter(([, count]) => count > 0)
            .map(([look, count]) => (
              <li key={look}>
                <StateMark look={look} /> {count} {look}
              </li>
            ))}
        </ul>
      </div>
      {workers.length === 0 && gone.length === 0 ? (
        <p class="empty">
          {server.mode === 'blocking'
            ? 'Mode blocking has no workers: the primary does one thing at a time.'
            : 'There is no worker at this moment.'}
        </p>
      ) : (
        <ul class={workers.length > DENSE_FROM ? 'tiles is-dense' : 'tiles'}>
          {workers.map((worker) => (
            <Tile key={worker.id} worker={worker} nowMs={nowMs} />
          ))}
          {gone.map((ghost) => (
            <GhostTile key={ghost.id} ghost={ghost} />
          ))}
        </ul>
      )}
    </section>
  );
}
