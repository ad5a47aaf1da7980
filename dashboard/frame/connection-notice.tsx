import { clock } from '../data/clock.ts';
import { connection } from '../data/connection.ts';
import { age, time } from '../data/words.ts';

/** What is shown is as old as this says. */
export function ConnectionNotice() {
  const { value } = connection;
  if (value.is !== 'lost') return null;
  return (
    <div class="notice is-bad" role="alert">
      <strong>The connection is lost.</strong> What you see is of {time(new Date(value.sinceMs).toISOString())},{' '}
      <span aria-live="off">{age(clock.value - value.sinceMs)} ago</span>. The page tries again by itself; a restarted server
      prints a new link.
    </div>
  );
}
