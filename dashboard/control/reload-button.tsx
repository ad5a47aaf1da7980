import { useState } from 'preact/hooks';
import { askJson, toldOf } from '../data/ask.ts';
import { state } from '../data/store.ts';
import { duration, plural } from '../data/words.ts';
import type { ReloadReport, State } from '../data/types.ts';
import { ActionButton } from './action-button.tsx';
import { Dialog } from './dialog.tsx';

type Progress =
  | { readonly is: 'running'; readonly from: number }
  | { readonly is: 'done'; readonly report: ReloadReport }
  | { readonly is: 'failed'; readonly why: string };

/** Loads the code anew, and shows how the workers with the old code are replaced. */
export function ReloadButton() {
  const [progress, setProgress] = useState<Progress | null>(null);
  const start = (): void => {
    setProgress({ is: 'running', from: state.value?.server.generation ?? 0 });
    askJson<ReloadReport>('/api/reload').then(
      (report) => setProgress({ is: 'done', report }),
      (error: unknown) => setProgress({ is: 'failed', why: toldOf(error) }),
    );
  };
  return (
    <>
      <ActionButton onClick={start} isBusy={progress?.is === 'running'}>
        Reload
      </ActionButton>
      {progress !== null && (
        <Dialog title="Reload the code" onClose={() => setProgress(null)}>
          <Told progress={progress} />
          {state.value !== null && <Generations state={state.value} />}
          <form method="dialog" class="dialog-actions">
            <button type="submit">Close</button>
          </form>
        </Dialog>
      )}
    </>
  );
}

function Told({ progress }: { progress: Progress }) {
  if (progress.is === 'running') return <p role="status">New workers boot; the old ones go on serving until they are ready.</p>;
  if (progress.is === 'failed')
    return (
      <p role="alert" class="failure">
        {progress.why}
      </p>
    );
  const { generation, replaced, tookMs } = progress.report;
  return (
    <p role="status">
      Code {generation} serves since {duration(tookMs)} after the order; {plural(replaced, 'worker')} with the old code finish
      what they run.
    </p>
  );
}

function Generations({ state: { workers } }: { state: State }) {
  const generations = [...new Set(workers.map(({ generation }) => generation))].toSorted((one, other) => one - other);
  return (
    <ul class="bars">
      {generations.map((generation) => {
        const all = workers.filter((worker) => worker.generation === generation);
        const ready = all.filter((worker) => worker.state === 'idle' || worker.state === 'busy').length;
        return (
          <li key={generation}>
            <span>Code {generation}</span>
            <meter min={0} max={Math.max(1, workers.length)} value={ready} aria-label={`Ready workers with code ${generation}`} />
            <span>
              {ready} ready{all.length > ready && `, ${all.length - ready} boot or end`}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
