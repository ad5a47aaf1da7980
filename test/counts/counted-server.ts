import { connect, type Socket } from 'node:net';
import { FrameDecoder } from '../../src/channel/frame.ts';
import type { Transport } from '../../src/channel/transport.ts';
import { resolveSettings } from '../../src/config/resolve.ts';
import { takeStack } from '../../src/diagnostics/take-stack.ts';
import { IncidentRecorder } from '../../src/diagnostics/incident-recorder.ts';
import { Dispatcher } from '../../src/modes/dispatcher.ts';
import { policyOf } from '../../src/modes/policy.ts';
import type { RunningMode } from '../../src/modes/running-mode.ts';
import { serveExchanges } from '../../src/modes/serve-exchanges.ts';
import { EntrySource } from '../../src/server/code-source.ts';
import { loadModule } from '../../src/server/load-module.ts';
import { openIncidents } from '../../src/server/open-incidents.ts';
import { ProcessSpawner } from '../../src/supervisor/spawn-process.ts';
import type { SpawnedWorker, SpawnEvents, Spawner } from '../../src/supervisor/spawner.ts';

/** What `test/fixtures/counts/hello.mjs` answers. */
export const HELLO = '{"hello":"world"}';

/** What crossed the data sockets of the workers, in one direction. */
export interface Crossed {
  frames: number;
  writes: number;
  bytes: number;
}

/** Mode pool with one worker, in this very process, and a count of what crosses between the two. */
export class CountedServer implements AsyncDisposable {
  readonly toWorker: Crossed = { frames: 0, writes: 0, bytes: 0 };
  readonly toPrimary: Crossed = { frames: 0, writes: 0, bytes: 0 };
  #running: RunningMode | undefined;

  static async start(entry: string): Promise<CountedServer> {
    const counted = new CountedServer();
    const options = { entry, port: 0, min: 1, max: 1, spares: 0, logLevel: 'silent' } as const;
    const { settings } = await resolveSettings({ options, loadModule });
    const source = await EntrySource.open(settings.entry);
    const recorder = new IncidentRecorder(openIncidents(settings).log, settings.mode);
    const spawner = new CountingSpawner(counted);
    const dispatcher = new Dispatcher(settings, policyOf(settings, true), spawner, { source, recorder, look: takeStack });
    counted.#running = await serveExchanges(settings, dispatcher, dispatcher.control);
    return counted;
  }

  get port(): number {
    return this.#running?.port ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#running?.force();
    await this.#running?.close();
  }
}

class CountingSpawner implements Spawner {
  readonly #spawner = new ProcessSpawner({ sharesMemory: true });
  readonly #counted: CountedServer;

  constructor(counted: CountedServer) {
    this.#counted = counted;
  }

  spawn(events: SpawnEvents): SpawnedWorker {
    const worker = this.#spawner.spawn(events);
    return { ...worker, data: counting(worker.data, this.#counted) };
  }

  close(): void {
    this.#spawner.close();
  }
}

function counting(transport: Transport, { toWorker, toPrimary }: CountedServer): Transport {
  const [out, into] = [decoderFor(toWorker), decoderFor(toPrimary)];
  return {
    get bufferedBytes() {
      return transport.bufferedBytes;
    },
    write(bytes) {
      count(toWorker, bytes, out);
      transport.write(bytes);
    },
    listen(onBytes, onClose) {
      transport.listen((bytes) => {
        count(toPrimary, bytes, into);
        onBytes(bytes);
      }, onClose);
    },
    afterWrites: (callback) => transport.afterWrites(callback),
    end: () => transport.end(),
    destroy: () => transport.destroy(),
  };
}

function decoderFor(crossed: Crossed): FrameDecoder {
  return new FrameDecoder(() => {
    crossed.frames += 1;
  });
}

function count(crossed: Crossed, bytes: Buffer, decoder: FrameDecoder): void {
  crossed.writes += 1;
  crossed.bytes += bytes.length;
  decoder.push(bytes);
}

/** Asks for `/` so often, one after the other, on one connection, without a timer and without node:http. */
export function askOften(port: number, times: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let left = times;
    let text = '';
    const ask = (): void => void socket.write('GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
    socket.once('connect', ask);
    socket.once('error', reject);
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1');
      if (!text.endsWith(HELLO)) return;
      text = '';
      left -= 1;
      if (left > 0) ask();
      else socket.end(() => resolve());
    });
    socket.once('close', () => reject(new Error(`the connection was closed with ${left} requests to go: ${text}`)));
  });
}
