import { connection } from '../data/connection.ts';

/** Whether what is shown is of now. */
export function ConnectionMark() {
  const { is } = connection.value;
  const text = is === 'live' ? 'live' : is === 'lost' ? 'stale' : 'connecting';
  return (
    <span class={`connection is-${is}`} role="status">
      {text}
    </span>
  );
}
