import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { BootFailure, HandlerConfig, RunningTask, TunnelKind } from '../channel/messages.ts';
import type { Transport } from '../channel/transport.ts';

/** The part of `worker/inline.ts` that a process needs which runs a handler by itself. Reached by URL, never by import. */
export interface InlineWorker {
  loadHandler(entry: string, typescript: string | null): Promise<LoadedHandler>;
  openDataSocket(): Transport;
  startWatchdog(options: { readonly tickMs: number; readonly tasks?: SharedArrayBuffer }): {
    setDeadline(atMs: number | undefined): void;
  };
  readonly TaskBoard: new (counts: number) => TaskBoard;
  monotonicMs(): number;
  /** Ends this process; with an exit code that tells when the primary broke the protocol. */
  readonly leave: (error: Error | undefined) => void;
}

/** As a listener of node:http for `upgrade` and `connect`. */
export type TunnelHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => unknown;

/** Where a cluster worker keeps what its watchdog reports. */
export interface TaskBoard {
  readonly memory: SharedArrayBuffer;
  readonly counts: Float64Array;
  setOldest(oldest: RunningTask | undefined): void;
}

export type LoadedHandler =
  | {
      readonly ok: true;
      readonly module: {
        handle(request: IncomingMessage, response: ServerResponse): unknown;
        readonly tunnels: Readonly<Record<TunnelKind, TunnelHandler | undefined>>;
        readonly config: HandlerConfig;
        teardown(): unknown;
      };
    }
  | { readonly ok: false; readonly failure: BootFailure };

export async function loadInlineWorker(): Promise<InlineWorker> {
  const url = new URL('../worker/inline.js', import.meta.url);
  return (await import(url.href)) as InlineWorker;
}
