import type { TestContext } from 'node:test';
import { decodeToWorker } from '../../src/channel/codec.ts';
import { decodeFromWorker } from '../../src/channel/decode-from-worker.ts';
import type { ProtocolError } from '../../src/channel/frame.ts';
import { Link } from '../../src/channel/link.ts';
import type { FromWorker, ToWorker } from '../../src/channel/messages.ts';
import type { Transport } from '../../src/channel/transport.ts';
import { until } from '../support/until.ts';

/** One end of a channel, with a record of what its owner was told. */
export interface End<In, Out extends ToWorker | FromWorker> {
  readonly link: Link<In, Out>;
  readonly received: In[];
  /** One entry for each call of `onClose`. */
  readonly closes: (ProtocolError | undefined)[];
  /** Waits for the close, and gives its error. */
  closed(): Promise<ProtocolError | undefined>;
}

export interface EndOptions<In> {
  readonly onMessage?: (message: In) => void;
  readonly onBegun?: (task: number) => void;
}

export function primaryEnd(transport: Transport, options: EndOptions<FromWorker> = {}): End<FromWorker, ToWorker> {
  return newEnd<FromWorker, ToWorker>(transport, decodeFromWorker, options);
}

export function workerEnd(transport: Transport, options: EndOptions<ToWorker> = {}): End<ToWorker, FromWorker> {
  return newEnd<ToWorker, FromWorker>(transport, decodeToWorker, options);
}

function newEnd<In, Out extends ToWorker | FromWorker>(
  transport: Transport,
  decode: (code: number, task: number, payload: Buffer) => In,
  options: EndOptions<In>,
): End<In, Out> {
  const received: In[] = [];
  const closes: (ProtocolError | undefined)[] = [];
  const link = new Link<In, Out>(transport, decode, {
    onMessage: (message) => {
      received.push(message);
      options.onMessage?.(message);
    },
    onBegun: (task) => options.onBegun?.(task),
    onClose: (error) => closes.push(error),
  });
  const closed = async (): Promise<ProtocolError | undefined> => {
    await until(() => closes.length > 0, { describe: 'the link to close' });
    return closes[0];
  };
  return { link, received, closes, closed };
}

/** Keeps the event loop of a test alive while only message ports, which may be unreferenced, are at work. */
export function stayAlive(t: TestContext): void {
  const timer = setInterval(() => {}, 60_000);
  t.after(() => clearInterval(timer));
}
