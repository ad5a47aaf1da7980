import { askJson } from '../data/ask.ts';
import type { StackReport } from '../data/types.ts';
import { workerPath } from '../data/worker-path.ts';
import { StackView } from './stack-view.tsx';
import { useAnswer } from './use-answer.ts';

export function StackPanel({ id }: { id: number }) {
  const answer = useAnswer((signal) => askJson<StackReport>(workerPath(id, 'trace'), {}, signal));
  return (
    <div class="panel">
      <h2>Stack now</h2>
      {answer.is === 'awaited' && <p role="status">Looking into worker {id} …</p>}
      {answer.is === 'failed' && (
        <p class="failure" role="alert">
          {answer.why}
        </p>
      )}
      {answer.is === 'there' && <StackView report={answer.value} />}
    </div>
  );
}
