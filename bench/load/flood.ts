/**
 * Keeps some requests on their way to a server for a while, in a process of its own: `node flood.js JSON`, where the JSON is a `Flood`. A connection
 * whose request is answered passes the turn on, to the one that has waited for the longest, or to itself when none waits. Each answer is
 * checked. Prints a line when the measuring begins, one when it ends, and a `FloodResult` as the last one.
 */
import { connect, type Socket } from 'node:net';
import { nowMs } from '../now.ts';
import { percentile } from '../report/statistics.ts';
import { AnswerReader, type ExpectedAnswer } from './answer-reader.ts';
import { BEGUN, ENDED, type Flood, type FloodResult } from './flood-orders.ts';

const flood = JSON.parse(process.argv[2] ?? '') as Flood;
const head = `${flood.method} ${flood.path} HTTP/1.1\r\nhost: 127.0.0.1:${flood.port}\r\n`;
const length = flood.uploadBytes === 0 ? '' : `content-length: ${flood.uploadBytes}\r\n`;
const request = Buffer.from(`${head}${length}${flood.connections === 'new' ? 'connection: close\r\n' : ''}\r\n`, 'latin1');
const upload = flood.uploadBytes === 0 ? undefined : Buffer.alloc(flood.uploadBytes, 'x');
const expected: ExpectedAnswer = { bodyBytes: flood.answerBytes, body: flood.answer ?? undefined };
/** Where data arrives before it is looked at: one memory for all, as it is looked at at once. */
const inbox = Buffer.allocUnsafeSlow(65_536);
const PAUSE_MS = 10;

const latenciesMs: number[] = [];
const failed: Record<string, number> = {};
const measureFromMs = nowMs() + flood.warmUpSeconds * 1000;
const untilMs = measureFromMs + flood.seconds * 1000;

class Client {
  #socket: Socket | undefined;
  #reader = new AnswerReader(expected);
  #sentMs = 0;
  #asks = false;

  ask(): void {
    this.#sentMs = nowMs();
    this.#asks = true;
    this.#socket ??= this.#open();
    this.#socket.write(request);
    if (upload !== undefined) this.#socket.write(upload);
  }

  #open(): Socket {
    const onread = { buffer: inbox, callback: (bytes: number): boolean => this.#read(socket, bytes) };
    const socket = connect({ port: flood.port, host: '127.0.0.1', noDelay: true, onread });
    socket.on('error', (error: Error & { code?: string }) => this.#lose(socket, error.code ?? error.message));
    socket.on('close', () => this.#lose(socket, 'closed without an answer'));
    this.#reader = new AnswerReader(expected);
    return socket;
  }

  #read(socket: Socket, bytes: number): boolean {
    // What still comes of a connection that was given up is nobody's.
    if (socket !== this.#socket) return true;
    const reading = this.#reader.read(inbox.subarray(0, bytes));
    if (reading === 'more') return true;
    if (reading === 'answered') {
      note(this.#sentMs);
      this.#asks = false;
      if (flood.connections === 'new') this.#socket = undefined;
      passOn(this);
    } else this.#lose(socket, reading.wrong);
    return true;
  }

  /** A server may close a connection on which nothing is asked. */
  #lose(socket: Socket, why: string): void {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    socket.destroy();
    if (!this.#asks) return;
    this.#asks = false;
    failed[why] = (failed[why] ?? 0) + 1;
    // Not at once: a server that refuses would get no rest.
    setTimeout(() => passOn(this), PAUSE_MS);
  }
}

/** Those without a turn, as a ring: `next` has waited for the longest. */
const waiting = Array.from({ length: Math.max(0, flood.open - flood.atOnce) }, () => new Client());
let next = 0;
let cpuBefore: NodeJS.CpuUsage | undefined;

function passOn(client: Client): void {
  if (nowMs() >= untilMs) return;
  const following = waiting[next] ?? client;
  if (waiting.length > 0) {
    waiting[next] = client;
    next = (next + 1) % waiting.length;
  }
  following.ask();
}

function note(sentMs: number): void {
  const doneMs = nowMs();
  if (doneMs < measureFromMs || doneMs >= untilMs) return;
  latenciesMs.push(doneMs - sentMs);
}

for (let index = 0; index < flood.atOnce; index += 1) new Client().ask();
setTimeout(() => {
  cpuBefore = process.cpuUsage();
  process.stdout.write(`${BEGUN}\n`);
}, measureFromMs - nowMs());
setTimeout(() => {
  const { user, system } = process.cpuUsage(cpuBefore);
  const answered = latenciesMs.length;
  const result: FloodResult = {
    perSecond: answered / flood.seconds,
    p50Ms: percentile(latenciesMs, 50),
    p99Ms: percentile(latenciesMs, 99),
    failed,
    cpuMicros: (user + system) / Math.max(1, answered),
  };
  process.stdout.write(`${ENDED}\n${JSON.stringify(result)}\n`);
}, untilMs - nowMs());
// Whoever gave the order has what it wants when it closes this.
process.stdin.once('end', () => process.kill(process.pid, 'SIGKILL')).resume();
