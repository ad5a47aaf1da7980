import { useState } from 'preact/hooks';
import { askJson, toldOf } from '../data/ask.ts';
import { state } from '../data/store.ts';
import type { Done } from '../data/types.ts';
import { ActionButton } from './action-button.tsx';
import { Dialog } from './dialog.tsx';

const MOST_WORKERS = 1024;

type Progress =
  | { readonly is: 'asking' }
  | { readonly is: 'running'; readonly wanted: number }
  | { readonly is: 'done'; readonly wanted: number; readonly said: string }
  | { readonly is: 'failed'; readonly why: string };

/** Sets the number of workers, and shows how it gets there. */
export function ScaleButton() {
  const [progress, setProgress] = useState<Progress | null>(null);
  const scale = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget;
    if (!(form instanceof HTMLFormElement)) return;
    const wanted = Number(new FormData(form).get('workers'));
    setProgress({ is: 'running', wanted });
    askJson<Done>('/api/scale', { workers: wanted }).then(
      ({ done }) => setProgress({ is: 'done', wanted, said: done }),
      (error: unknown) => setProgress({ is: 'failed', why: toldOf(error) }),
    );
  };
  return (
    <>
      <ActionButton onClick={() => setProgress({ is: 'asking' })}>Scale</ActionButton>
      {progress !== null && (
        <Dialog title="Number of workers" onClose={() => setProgress(null)}>
          <form onSubmit={scale} class="form-row">
            <label>
              Workers{' '}
              <input
                name="workers"
                type="number"
                min={1}
                max={MOST_WORKERS}
                step={1}
                defaultValue={String(liveWorkers())}
                required
              />
            </label>
            <button type="submit" disabled={progress.is === 'running'}>
              Scale
            </button>
          </form>
          <Told progress={progress} />
          <form method="dialog" class="dialog-actions">
            <button type="submit">Close</button>
          </form>
        </Dialog>
      )}
    </>
  );
}

function Told({ progress }: { progress: Progress }) {
  if (progress.is === 'asking') return <p class="faint">Those that are too many finish what they run before they end.</p>;
  if (progress.is === 'failed')
    return (
      <p role="alert" class="failure">
        {progress.why}
      </p>
    );
  const live = liveWorkers();
  return (
    <div role="status">
      {progress.is === 'done' && <p>{progress.said}</p>}
      <p class="form-row">
        <meter min={0} max={Math.max(progress.wanted, live, 1)} value={live} aria-label="Workers that serve" />
        {live} of {progress.wanted} serve
      </p>
    </div>
  );
}

/** Those that take work, or will. */
function liveWorkers(): number {
  return (state.value?.workers ?? []).filter((worker) => ['starting', 'idle', 'busy'].includes(worker.state)).length;
}
