import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, NotDone, toldOf } from '../data/ask.ts';
import type { Inspection } from '../data/types.ts';
import { workerPath } from '../data/worker-path.ts';

type Inspector =
  | { readonly is: 'closed'; readonly why: string | null }
  | { readonly is: 'opening' }
  | { readonly is: 'open'; readonly inspection: Inspection };

/** The inspector is open for as long as this panel is: whoever can reach it can run code in the worker. */
export function InspectorPanel({ id }: { id: number }) {
  const [inspector, setInspector] = useState<Inspector>({ is: 'closed', why: null });
  const [holdsDeadline, setHoldsDeadline] = useState(true);
  const controller = useRef<AbortController | null>(null);
  useEffect(() => () => controller.current?.abort(), []);

  const open = async (): Promise<void> => {
    controller.current = new AbortController();
    const { signal } = controller.current;
    setInspector({ is: 'opening' });
    try {
      const response = await ask(workerPath(id, 'inspect'), { holdDeadline: holdsDeadline }, signal);
      await followInspection(response, (inspection) => setInspector({ is: 'open', inspection }));
      setInspector({ is: 'closed', why: 'The worker or the server closed it.' });
    } catch (error) {
      if (!signal.aborted) setInspector({ is: 'closed', why: toldOf(error) });
    }
  };
  const close = (): void => {
    controller.current?.abort();
    setInspector({ is: 'closed', why: null });
  };
  return (
    <div class="panel">
      <h2>Inspector</h2>
      {inspector.is === 'open' ? (
        <OpenInspector inspection={inspector.inspection} onClose={close} />
      ) : (
        <p class="form-row">
          <label>
            <input
              type="checkbox"
              checked={holdsDeadline}
              onChange={({ currentTarget }) => setHoldsDeadline(currentTarget.checked)}
            />{' '}
            Hold the deadline of its task meanwhile
          </label>
          <button type="button" onClick={() => void open()} disabled={inspector.is === 'opening'}>
            Open the inspector
          </button>
        </p>
      )}
      {inspector.is === 'closed' && inspector.why !== null && (
        <p class="failure" role="alert">
          {inspector.why}
        </p>
      )}
    </div>
  );
}

function OpenInspector({ inspection: { devtoolsUrl, webSocketUrl }, onClose }: { inspection: Inspection; onClose: () => void }) {
  return (
    <>
      <p role="status">
        Open until you close it, or leave this page. Chrome lets no page follow this link: copy it into the address bar.
      </p>
      <CopyLine name="DevTools link" text={devtoolsUrl} />
      <CopyLine name="WebSocket" text={webSocketUrl} />
      <p>
        <button type="button" onClick={onClose}>
          Close the inspector
        </button>
      </p>
    </>
  );
}

function CopyLine({ name, text }: { name: string; text: string }) {
  const [isCopied, setIsCopied] = useState(false);
  const copy = (): void => void navigator.clipboard.writeText(text).then(() => setIsCopied(true));
  return (
    <p class="copy-line">
      <span>{name}</span> <code class="long-text">{text}</code>{' '}
      <button type="button" class="quiet" onClick={copy} aria-label={`Copy the ${name}`}>
        {isCopied ? 'Copied' : 'Copy'}
      </button>
    </p>
  );
}

/** The answer has one line, and stays open as long as the inspector. */
async function followInspection(response: Response, onOpen: (inspection: Inspection) => void): Promise<void> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  let isTold = false;
  for (;;) {
    const piece = await reader?.read();
    if (piece === undefined || piece.done) break;
    text += piece.value;
    const end = text.indexOf('\n');
    if (isTold || end === -1) continue;
    isTold = true;
    onOpen(JSON.parse(text.slice(0, end)) as Inspection);
  }
  if (!isTold) throw new NotDone('The answer had no address of an inspector in it.');
}
