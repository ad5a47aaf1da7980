import { useState } from 'preact/hooks';
import { ActionButton } from '../control/action-button.tsx';
import { Dialog } from '../control/dialog.tsx';
import { trackOf } from '../data/worker-tracks.ts';
import { plural } from '../data/words.ts';

/** Asks first: the tasks that the worker runs get a 502. */
export function KillButton({ id, onKill }: { id: number; onKill: () => void }) {
  const [isAsking, setIsAsking] = useState(false);
  const running = trackOf(id)?.info.running ?? 0;
  return (
    <>
      <ActionButton kind="danger" onClick={() => setIsAsking(true)}>
        Kill …
      </ActionButton>
      {isAsking && (
        <Dialog title={`Kill worker ${id}?`} onClose={() => setIsAsking(false)}>
          <p>
            {running === 0
              ? 'It runs nothing at this moment. Another worker takes its place.'
              : `It runs ${plural(running, 'task')}: what it runs is lost, and answered with 502. Another worker takes its place.`}
          </p>
          <form method="dialog" class="dialog-actions">
            <button type="submit">Let it live</button>
            <button type="submit" class="danger" onClick={onKill}>
              Kill it
            </button>
          </form>
        </Dialog>
      )}
    </>
  );
}
