/**
 * Keeps so many connections of a server busy for a while, in a process of its own: `node flood.js JSON`, where the JSON is a `Flood`. Prints a
 * `FloodResult`. Each connection sends one request when the last one is answered; each answer is checked.
 */
import { connect, type Socket } from 'node:net';
import { nowMs } from '../now.ts';
import { percentile } from '../report/statistics.ts';
import { AnswerReader, type ExpectedAnswer } from './answer-reader.ts';
import type { Flood, FloodResult } from './flood-orders.ts';

const flood = JSON.parse(process.argv[2] ?? '') as Flood;
const head = `${flood.method} ${flood.path} HTTP/1.1\r\nhost: 127.0.0.1:${flood.port}\r\n`;
const length = flood.uploadBytes === 0 ? '' : `content-length: ${flood.uploadBytes}\r\n`;
const request = Buffer.from(`${head}${length}${flood.connections === 'new' ? 'connection: close\r\n' : ''}\r\n`, 'latin1');
const upload = flood.uploadBytes === 0 ? undefined : Buffer.alloc(flood.uploadBytes, 'x');
const expected: ExpectedAnswer = { bodyBytes: flood.answerBytes, body: flood.answer ?? undefined };
/** Where data arrives before it is looked at: one memory for all, as it is looked at at once. */
const inbox = Buffer.allocUnsafeSlow(65_536);

const latenciesMs: number[] = [];
const failed: Record<string, number> = {};
let answered = 0;
const measureFromMs = nowMs() + flood.warmUpSeconds * 1000;
const untilMs = measureFromMs + flood.seconds * 1000;
let cpuBefore: NodeJS.CpuUsage | undefined;

class Client {
  #socket: Socket | undefined;
  #reader = new AnswerReader(expected);
  #sentMs = 0;
  readonly #end: () => void;

  constructor(end: () => void) {
    this.#end = end;
  }

  next(): void {
    this.#sentMs = nowMs();
    if (this.#sentMs >= untilMs) {
      const socket = this.#socket;
      this.#socket = undefined;
      socket?.destroy();
      this.#end();
      return;
    }
    if (this.#socket === undefined) this.#open();
    this.#socket?.write(request);
    if (upload !== undefined) this.#socket?.write(upload);
  }

  #open(): void {
    const onread = { buffer: inbox, callback: (bytes: number): boolean => this.#read(socket, bytes) };
    const socket = connect({ port: flood.port, host: '127.0.0.1', noDelay: true, onread });
    socket.on('error', (error: Error & { code?: string }) => this.#fail(socket, error.code ?? error.message));
    socket.on('close', () => this.#fail(socket, 'closed without an answer'));
    this.#socket = socket;
    this.#reader = new AnswerReader(expected);
  }

  #read(socket: Socket, bytes: number): boolean {
    // What still comes of a connection that was given up is nobody's.
    if (socket !== this.#socket) return true;
    const reading = this.#reader.read(inbox.subarray(0, bytes));
    if (reading === 'more') return true;
    if (reading === 'answered') {
      note(this.#sentMs);
      if (flood.connections === 'new') this.#socket = undefined;
      this.next();
    } else this.#fail(socket, reading.wrong);
    return true;
  }

  #fail(socket: Socket, why: string): void {
    if (socket !== this.#socket) return;
    failed[why] = (failed[why] ?? 0) + 1;
    this.#socket = undefined;
    socket.destroy();
    // Not at once: a server that refuses would get no rest.
    setTimeout(() => this.next(), 10);
  }
}

function note(sentMs: number): void {
  const doneMs = nowMs();
  if (doneMs < measureFromMs || doneMs >= untilMs) return;
  cpuBefore ??= process.cpuUsage();
  answered += 1;
  latenciesMs.push(doneMs - sentMs);
}

await Promise.all(
  Array.from(
    { length: flood.atOnce },
    () =>
      new Promise<void>((resolve) => {
        new Client(resolve).next();
      }),
  ),
);
const { user, system } = process.cpuUsage(cpuBefore);
const result: FloodResult = {
  perSecond: answered / flood.seconds,
  p50Ms: percentile(latenciesMs, 50),
  p99Ms: percentile(latenciesMs, 99),
  failed,
  cpuMicros: (user + system) / Math.max(1, answered),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
