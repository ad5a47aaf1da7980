import { request } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Server } from '../http/servers.ts';
import { forgetPeak, peakBytes, residentBytes } from '../measure/memory-of.ts';
import { RunningPeer } from '../measure/running-peer.ts';

const STREAMED_BYTES = 2 ** 30;
const PIECE = Buffer.alloc(65_536, 'x');

export interface Streaming {
  /** By so much the process that listens grew at most. */
  readonly listenerBytes: number;
  /** By so much all processes of the server together grew at most, each at its own worst. */
  readonly allBytes: number;
  readonly seconds: number;
}

/**
 * How much a server grows while it sends 1 GB and while it gets 1 GB.
 * @throws Error when a byte is missing
 */
export async function growthWhileStreaming(server: Server): Promise<{ readonly down: Streaming; readonly up: Streaming }> {
  const running = await RunningPeer.start(server, { trial: answersOk });
  try {
    // The code that streams is loaded, and the worker that does it is there.
    await upload(running.port, 8 * PIECE.length);
    const down = await grownBy(running, () => download(running.port));
    const up = await grownBy(running, () => upload(running.port, STREAMED_BYTES));
    return { down, up };
  } finally {
    await running.end();
  }
}

async function grownBy(running: RunningPeer, stream: () => Promise<void>): Promise<Streaming> {
  const before = new Map(running.family.map(({ pid }) => [pid, residentBytes(pid)]));
  for (const pid of before.keys()) forgetPeak(pid);
  const sinceMs = performance.now();
  await stream();
  const seconds = (performance.now() - sinceMs) / 1000;
  const grown = new Map([...before].map(([pid, bytes]) => [pid, Math.max(0, peakBytes(pid) - bytes)]));
  return {
    listenerBytes: grown.get(running.pid) ?? 0,
    allBytes: [...grown.values()].reduce((sum, bytes) => sum + bytes, 0),
    seconds,
  };
}

function download(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port, path: '/stream', agent: false }, (response) => {
      let bytes = 0;
      response.on('data', (piece: Buffer) => {
        bytes += piece.length;
      });
      response.once('error', reject);
      response.once('end', () => {
        if (bytes === STREAMED_BYTES) resolve();
        else reject(new Error(`${bytes} of ${STREAMED_BYTES} bytes came`));
      });
    });
    asking.once('error', reject);
    asking.end();
  });
}

function upload(port: number, bytes: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const asking = request(
      { host: '127.0.0.1', port, path: '/', method: 'POST', agent: false, headers: { 'content-length': bytes } },
      (response) => {
        let text = '';
        response.setEncoding('latin1');
        response.on('data', (piece: string) => {
          text += piece;
        });
        response.once('error', reject);
        response.once('end', () => {
          if (text === String(bytes)) resolve();
          else reject(new Error(`the server counted ${text} of ${bytes} bytes`));
        });
      },
    );
    pipeline(pieces(bytes), asking).catch(reject);
  });
}

function* pieces(bytes: number): Generator<Buffer> {
  for (let sent = 0; sent < bytes; sent += PIECE.length) yield PIECE;
}

async function answersOk(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(5000) });
    return (await response.text()) === 'ok';
  } catch {
    return false;
  }
}
