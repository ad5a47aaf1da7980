import { useState } from 'preact/hooks';
import { ask } from '../data/ask.ts';
import { saveFile } from '../data/save-file.ts';
import { bytes } from '../data/words.ts';
import { workerPath } from '../data/worker-path.ts';
import { useAnswer } from './use-answer.ts';

/** A snapshot may be as large as the heap: how much of it has come is shown while it comes. */
export function HeapPanel({ id, pid }: { id: number; pid: number }) {
  const [received, setReceived] = useState(0);
  const answer = useAnswer(async (signal) => {
    const response = await ask(workerPath(id, 'heap'), {}, signal);
    let count = 0;
    let shown = 0;
    const counting = new TransformStream<Uint8Array, Uint8Array>({
      transform(piece, controller) {
        count += piece.length;
        if (count - shown > 1024 * 1024) setReceived((shown = count));
        controller.enqueue(piece);
      },
    });
    // The browser keeps what is large on disk.
    const blob = await new Response(response.body?.pipeThrough(counting)).blob();
    saveFile(`worker-${pid}.heapsnapshot`, blob);
    return blob.size;
  });
  return (
    <div class="panel">
      <h2>Heap snapshot</h2>
      {answer.is === 'awaited' && (
        <p role="status">The worker stands still while it writes its heap out{received > 0 && `: ${bytes(received)} so far`} …</p>
      )}
      {answer.is === 'failed' && (
        <p class="failure" role="alert">
          {answer.why}
        </p>
      )}
      {answer.is === 'there' && (
        <p role="status">
          {bytes(answer.value)}, saved as <code>worker-{pid}.heapsnapshot</code>. Chrome opens it: DevTools, Memory, Load.
        </p>
      )}
    </div>
  );
}
