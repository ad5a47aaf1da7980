import type { ComponentType } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, toldOf } from '../data/ask.ts';
import { saveFile } from '../data/save-file.ts';
import { workerPath } from '../data/worker-path.ts';
import type { FlameViewProps } from '../flame/flame-view.tsx';

const SECONDS = [1, 5, 10, 30];
const USUAL_SECONDS = 5;

type Profiling =
  | { readonly is: 'asked' }
  | { readonly is: 'running'; readonly untilMs: number }
  | { readonly is: 'there'; readonly text: string; readonly View: ComponentType<FlameViewProps> }
  | { readonly is: 'failed'; readonly why: string };

/** Takes a CPU profile and draws it. What draws it is loaded when there is something to draw. */
export function ProfilePanel({ id, pid }: { id: number; pid: number }) {
  const [profiling, setProfiling] = useState<Profiling>({ is: 'asked' });
  const controller = useRef<AbortController | null>(null);
  useEffect(() => () => controller.current?.abort(), []);

  const start = async (seconds: number): Promise<void> => {
    controller.current = new AbortController();
    const { signal } = controller.current;
    setProfiling({ is: 'running', untilMs: Date.now() + seconds * 1000 });
    try {
      const response = await ask(workerPath(id, 'profile'), { seconds }, signal);
      const [text, { FlameView }] = await Promise.all([response.text(), import('../flame/flame-view.tsx')]);
      setProfiling({ is: 'there', text, View: FlameView });
    } catch (error) {
      if (!signal.aborted) setProfiling({ is: 'failed', why: toldOf(error) });
    }
  };
  const cancel = (): void => {
    controller.current?.abort();
    setProfiling({ is: 'asked' });
  };
  return (
    <div class="panel">
      <h2>CPU profile</h2>
      {profiling.is !== 'running' && <Start onStart={(seconds) => void start(seconds)} />}
      {profiling.is === 'running' && (
        <p class="form-row" role="status">
          Profiling until {new Date(profiling.untilMs).toLocaleTimeString('en-GB')} …
          <button type="button" class="quiet" onClick={cancel}>
            Cancel
          </button>
        </p>
      )}
      {profiling.is === 'failed' && (
        <p class="failure" role="alert">
          {profiling.why}
        </p>
      )}
      {profiling.is === 'there' && (
        <>
          <profiling.View profile={profiling.text} />
          <p class="form-row">
            <button
              type="button"
              onClick={() => saveFile(`worker-${pid}.cpuprofile`, new Blob([profiling.text], { type: 'application/json' }))}
            >
              Download .cpuprofile
            </button>
            <span class="faint">Chrome DevTools, VS Code and speedscope open it.</span>
          </p>
        </>
      )}
    </div>
  );
}

function Start({ onStart }: { onStart: (seconds: number) => void }) {
  const [seconds, setSeconds] = useState(USUAL_SECONDS);
  return (
    <p class="form-row">
      <label>
        For{' '}
        <select value={seconds} onChange={({ currentTarget }) => setSeconds(Number(currentTarget.value))}>
          {SECONDS.map((choice) => (
            <option key={choice} value={choice}>
              {choice} s
            </option>
          ))}
        </select>
      </label>
      <button type="button" onClick={() => onStart(seconds)}>
        Start the profile
      </button>
    </p>
  );
}
