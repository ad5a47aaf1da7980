import type { Inspection } from '../admin/api.ts';
import { type Observable, refusal } from './observe.ts';

/**
 * Opens the inspector of a worker on loopback and a free port, also while it is in a loop without end, and closes it again when the signal
 * aborts. Whoever can reach the port can do anything as this user: there is no password but the URL. Node says on the stderr of the worker
 * that it listens.
 *
 * @returns where it is, and a promise that resolves when it is closed, or the worker gone. A thread in native code closes it when it comes
 * back.
 * @throws PreforkError ERR_OBSERVE when it can not be opened; the reason of the signal when that aborts before it is open
 */
export function openInspector(worker: Observable, signal: AbortSignal): Promise<Inspection & { readonly closed: Promise<void> }> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    let markClosed = (): void => {};
    const closed = new Promise<void>((done) => {
      markClosed = done;
    });
    const stop = (): void => {
      open.end();
      reject(signal.reason as Error);
    };
    const open = worker.observe(
      { what: 'inspector' },
      {
        onBytes(bytes) {
          const inspection = toInspection(worker.pid, bytes.toString('latin1'));
          if (inspection !== undefined) resolve({ ...inspection, closed });
          else {
            open.end();
            reject(refusal(worker, 'its inspector did not say where it listens'));
          }
        },
        onEnd(error) {
          signal.removeEventListener('abort', stop);
          markClosed();
          reject(refusal(worker, error === '' ? 'its inspector was closed again' : error));
        },
      },
    );
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** What the worker says ends up in a terminal and in a browser: it has to be an address of this machine, and nothing else. */
function toInspection(pid: number, webSocketUrl: string): Inspection | undefined {
  const [, address] = /^ws:\/\/((?:127\.0\.0\.1|localhost|\[::1\]):\d+\/[\w-]+)$/.exec(webSocketUrl) ?? [];
  if (address === undefined) return undefined;
  return { pid, webSocketUrl, devtoolsUrl: `devtools://devtools/bundled/js_app.html?experiments=true&v8only=true&ws=${address}` };
}
