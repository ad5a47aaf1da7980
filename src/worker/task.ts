/**
 * One HTTP exchange inside a worker: gives the handler a real IncomingMessage and ServerResponse, and turns what they do
 * into messages of the channel. The handler sees what it would see under node:http; no byte of HTTP is parsed twice.
 *
 * It relies on a few members of node:http that are not documented and have stood since Node 0.x: `_addHeaderLines`, `_dump`,
 * `_header`, `_trailer`, `assignSocket` and `detachSocket`. The conformance suite runs on every Node version that is
 * supported, and fails where one of them changes.
 */
import { performance } from 'node:perf_hooks';
import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import process from 'node:process';
import { MAX_BODY_FRAME_BYTES } from '../channel/frame.ts';
import type { Link } from '../channel/link.ts';
import {
  ANSWER_WINDOW_BYTES,
  type FromWorker,
  OFFLOADED,
  type RequestHead,
  type ResponseHead,
  type ToWorker,
} from '../channel/messages.ts';
import { ReceiveWindow, SendWindow } from '../channel/window.ts';
import type { NodeHandler } from './handler-kinds.ts';
import { toRemoteError } from './remote-error.ts';
import { parseFieldLines, parseHead } from './response-text.ts';
import { TaskSocket } from './task-socket.ts';

interface RequestInternals {
  readonly _consumed: boolean;
  _addHeaderLines(headers: readonly string[], count: number): void;
  _dump(): void;
}

interface ResponseInternals {
  _header: string | null;
  _trailer: string;
  _closed: boolean;
  _storeHeader(firstLine: string, headers: unknown): void;
}

/** Whether the head that was written says that the body is chunked. */
const SAYS_CHUNKED = Symbol('prefork.saysChunked');

interface OwnResponse extends ServerResponse, ResponseInternals {
  [SAYS_CHUNKED]: boolean;
}

const storeHeader = Reflect.get(ServerResponse.prototype, '_storeHeader') as (firstLine: string, headers: unknown) => void;

/**
 * The framing on the wire is the primary's business: lets the head say "chunked" and allows trailers, and the body comes as it is. The same function for
 * all: with one of its own each response would have a hidden class of its own, which is slow, and garbage that V8 holds on to for long.
 */
function storeHeaderUnframed(this: OwnResponse, firstLine: string, headers: unknown): void {
  storeHeader.call(this, firstLine, headers);
  this[SAYS_CHUNKED] = this.chunkedEncoding;
  this.chunkedEncoding = false;
}

/** A head has to fit into a frame, whatever JSON makes of it; no client takes one of this size. */
const LONGEST_HEAD_CHARACTERS = 128 * 1024;

/** Most bytes of a body that wait for its end, to go with the head and the end in one message. */
const LARGEST_HELD_BYTES = 16 * 1024;

/** What has run for longer is not brief: a write more is nothing beside it. */
const BRIEF_MICROS = 1000;

const NOTHING = Buffer.alloc(0);
const BEYOND_A_BYTE = /[^\0-\xff]/;

/** The beginning of an answer. The end may come in this very turn; and until then node:http would not have sent it either. */
interface Held {
  readonly head: ResponseHead;
  body: Buffer;
}

/** What the primary has been told about the response, or is about to be. */
type Said = 'nothing' | 'head' | 'end' | 'aborted';

export class Task {
  readonly #id: number;
  readonly #link: Link<ToWorker, FromWorker>;
  readonly #onDone: () => void;
  readonly #beganMs = performance.now();
  readonly #socket: TaskSocket;
  readonly #request: IncomingMessage;
  readonly #response: OwnResponse;
  readonly #sending = new SendWindow(ANSWER_WINDOW_BYTES);
  readonly #receiving = new ReceiveWindow();
  #said: Said = 'nothing';
  #held: Held | undefined;
  #responseClosed = false;
  #handlerSettled = false;
  #isDone = false;

  constructor(id: number, head: RequestHead, link: Link<ToWorker, FromWorker>, onDone: () => void) {
    this.#id = id;
    this.#link = link;
    this.#onDone = onDone;
    this.#socket = new TaskSocket(head, (chunk, encoding, done) => this.#onWrite(chunk, encoding, done));
    this.#request = this.#makeRequest(head);
    this.#response = this.#makeResponse(head);
  }

  async run(handle: NodeHandler): Promise<void> {
    try {
      const outcome = handle(this.#request, this.#response);
      // A handler that returns no promise is settled now: its worker is free when the response is complete.
      if (isThenable(outcome)) await outcome;
    } catch (thrown) {
      this.#fail(thrown);
    }
    this.#handlerSettled = true;
    this.#finishIfDone();
  }

  /** @returns false when the primary sent more than was allowed */
  receiveBody(bytes: Buffer): boolean {
    if (this.#request.destroyed || this.#request.complete) return true;
    this.#request.push(bytes);
    return this.#receiving.receive(bytes.length);
  }

  endBody(trailers: readonly string[]): void {
    if (this.#request.destroyed || this.#request.complete) return;
    this.#request.complete = true;
    if (trailers.length > 0) internals(this.#request)._addHeaderLines([...trailers], trailers.length);
    this.#request.push(null);
  }

  addCredit(bytes: number): void {
    this.#sending.add(bytes);
  }

  /** The client is gone: the handler learns it as it would from a closed connection. */
  cancel(): void {
    this.#said = 'aborted';
    this.#held = undefined;
    if (!this.#request.destroyed) this.#request.destroy(connectionReset());
    this.#socket.destroy();
    this.#closeResponse();
  }

  #makeRequest(head: RequestHead): IncomingMessage {
    const request = incomingMessage(head, this.#socket);
    if (head.offloaded !== undefined) Reflect.set(request, OFFLOADED, head.offloaded);
    const markConsumed = request._read.bind(request);
    // Own properties: frameworks replace the prototype of what they are given.
    request._read = (size) => {
      // What Node's own one does: without that mark a stream that flows is never asked for more.
      markConsumed(size);
      const credit = this.#receiving.consumeAll();
      if (credit > 0) this.#link.send({ type: 'Credit', task: this.#id, bytes: credit });
    };
    if (!head.hasBody) {
      request.complete = true;
      request.push(null);
    }
    return request;
  }

  #makeResponse(head: RequestHead): OwnResponse {
    const response = new ServerResponse(this.#request) as OwnResponse;
    response.shouldKeepAlive = true;
    response[SAYS_CHUNKED] = false;
    // An own property: frameworks replace the prototype of what they are given.
    if (head.httpVersion === '1.1') response._storeHeader = storeHeaderUnframed;
    response.assignSocket(this.#socket as unknown as Socket);
    this.#socket.on('drain', () => relayDrain(response));
    this.#socket.once('close', () => this.#onSocketClose());
    // Emitted inside end(): a body that is through by then is on its way, even if the handler goes on to compute.
    response.once('prefinish', () => {
      if (this.#socket.writableLength === 0) this.#end();
    });
    response.once('finish', () => {
      this.#end();
      response.detachSocket(this.#socket as unknown as Socket);
      this.#dumpRequest();
      // In this turn it has still to call back for what was written, and would make an error for it, stack and all, if it were destroyed.
      process.nextTick(() => this.#socket.destroy());
      this.#closeResponse();
    });
    return response;
  }

  /** As node:http does: a request that nobody has read ends, and closes, when it is answered. What is still on its way is of no use to anybody. */
  #dumpRequest(): void {
    const request = this.#request;
    if (request.destroyed || internals(request)._consumed) return;
    if (!request.complete) {
      request.complete = true;
      request.push(null);
    }
    internals(request)._dump();
  }

  #onWrite(chunk: string | Buffer, encoding: BufferEncoding, done: () => void): void {
    let body: string | Buffer = chunk;
    if (this.#said === 'nothing' && typeof chunk === 'string') {
      const header = this.#response._header;
      if (header !== null && chunk.startsWith(header)) {
        if (header.length > LONGEST_HEAD_CHARACTERS) {
          this.#fail(
            new RangeError(
              `the head of the response has ${header.length} characters, expected at most ${LONGEST_HEAD_CHARACTERS}`,
            ),
          );
          return;
        }
        this.#said = 'head';
        body = chunk.slice(header.length);
        // Before the size of a chunk, which we leave out, node:http writes latin1.
        const headEncoding = this.#response[SAYS_CHUNKED] && body.length > 0 ? 'latin1' : encoding;
        this.#held = { head: parseHead(asBytes(header, headEncoding)), body: NOTHING };
        process.nextTick(() => this.#release());
      } else {
        this.#sendInformational(chunk);
        body = '';
      }
    }
    this.#sendBody(typeof body === 'string' ? Buffer.from(body, encoding) : body, done);
  }

  /** `writeEarlyHints` and `writeProcessing`. The front has answered `Expect: 100-continue` already. */
  #sendInformational(text: string): void {
    const head = parseHead(text);
    if (head.status > 100 && head.status < 200) this.#link.send({ type: 'Informational', task: this.#id, head });
  }

  /** Sends as much as the window allows, and the rest when it opens: one large write may not outrun the primary. */
  #sendBody(bytes: Buffer, done: () => void): void {
    let rest = this.#said === 'head' ? bytes : NOTHING;
    if (this.#held !== undefined && rest.length > 0) {
      const { body } = this.#held;
      if (body.length + rest.length <= LARGEST_HELD_BYTES) {
        this.#held.body = body.length === 0 ? rest : Buffer.concat([body, rest]);
        done();
        return;
      }
      this.#release();
    }
    while (rest.length > 0 && this.#sending.isOpen) {
      const sent = this.#sendPart(rest);
      rest = rest.subarray(sent);
      this.#sending.spend(sent);
    }
    if (this.#sending.isOpen) done();
    else this.#sending.onceOpen(() => this.#sendBody(rest, done));
  }

  /** @returns how many bytes were sent */
  #sendPart(bytes: Buffer): number {
    const { length } = bytes.subarray(0, ANSWER_WINDOW_BYTES);
    const body = { type: 'Body', task: this.#id, bytes: bytes.subarray(0, MAX_BODY_FRAME_BYTES) } as const;
    if (length > body.bytes.length && this.#link.sendLarge({ ...body, bytes: NOTHING }, [bytes.subarray(0, length)], length))
      return length;
    this.#link.send(body);
    return body.bytes.length;
  }

  #end(): void {
    if (this.#said !== 'head') return;
    this.#said = 'end';
    const { _trailer } = this.#response;
    if (this.#held !== undefined && _trailer === '') {
      const { head, body } = this.#held;
      this.#held = undefined;
      this.#link.send({ type: 'Answered', task: this.#id, ranMicros: this.#micros, head, bytes: body });
    } else {
      this.#release();
      this.#link.send({ type: 'BodyEnd', task: this.#id, trailers: parseFieldLines(_trailer.split('\r\n'), 0) });
    }
    // Whatever the handler does now, the client gets it. That of a brief task waits for what is said next, in a journal that the primary looks into a moment
    // later: a write of its own for it would wake the primary once more.
    if (this.#micros > BRIEF_MICROS || !this.#link.keep(0)) this.#link.flush();
  }

  /** Sends what was held. */
  #release(): void {
    if (this.#held === undefined) return;
    const { head, body } = this.#held;
    this.#held = undefined;
    this.#link.send({ type: 'ResponseHead', task: this.#id, head });
    if (body.length === 0) return;
    this.#sending.spend(body.length);
    this.#link.send({ type: 'Body', task: this.#id, bytes: body });
  }

  /** The handler threw or was rejected. What the client has of the answer decides what can still be said. */
  #fail(thrown: unknown): void {
    // Node may hold a head back that the handler has written: as long as nothing was said there is still an answer to give.
    if (this.#said === 'nothing') {
      this.#said = 'aborted';
      this.#link.send({ type: 'TaskFailed', task: this.#id, micros: this.#micros, error: toRemoteError(thrown) });
      this.#isDone = true;
      this.#socket.destroy();
      this.#onDone();
      return;
    }
    process.stderr.write(`${toRemoteError(thrown).stack}\n`);
    // What the handler has written in this turn goes out first: node:http holds it together until the end of the turn.
    if (!this.#response.writableEnded) setImmediate(() => this.#socket.destroy());
  }

  /** The handler, or a stream that it piped from, broke the connection off. */
  #onSocketClose(): void {
    if (this.#said === 'nothing' || this.#said === 'head') {
      this.#release();
      this.#said = 'aborted';
      this.#link.send({ type: 'BodyAborted', task: this.#id });
      if (!this.#request.destroyed) this.#request.destroy(connectionReset());
    }
    this.#closeResponse();
  }

  #closeResponse(): void {
    if (this.#responseClosed) return;
    this.#responseClosed = true;
    process.nextTick(() => {
      if (!this.#response._closed) {
        this.#response.destroyed = true;
        this.#response._closed = true;
        this.#response.emit('close');
      }
      this.#finishIfDone();
    });
  }

  #finishIfDone(): void {
    if (this.#isDone || !this.#responseClosed || !this.#handlerSettled) return;
    this.#isDone = true;
    this.#link.send({ type: 'TaskFinished', task: this.#id, micros: this.#micros });
    this.#onDone();
  }

  get #micros(): number {
    return (performance.now() - this.#beganMs) * 1000;
  }
}

/** A request as node:http makes it of a head. */
export function incomingMessage(head: RequestHead, socket: TaskSocket): IncomingMessage {
  const request = new IncomingMessage(socket as unknown as Socket);
  request.method = head.method;
  request.url = head.url;
  request.httpVersion = head.httpVersion;
  request.httpVersionMajor = 1;
  request.httpVersionMinor = head.httpVersion === '1.1' ? 1 : 0;
  internals(request)._addHeaderLines(head.headers, head.headers.length);
  return request;
}

function internals(request: IncomingMessage): RequestInternals {
  return request as unknown as RequestInternals;
}

/**
 * node:http writes a head in the encoding of the text that it sends with it: latin1, or by accident UTF-8. A character of what goes to the
 * primary is a byte on the wire, so that the client gets the bytes that it would get without us.
 */
function asBytes(head: string, encoding: BufferEncoding): string {
  const isLatin1 = encoding === 'latin1' || encoding === 'binary';
  // Node makes a character of no byte out of some in Content-Disposition (_http_outgoing.js, since 19.7), and writes its lower half.
  return isLatin1 && !BEYOND_A_BYTE.test(head) ? head : Buffer.from(head, encoding).toString('latin1');
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function connectionReset(): Error {
  return Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
}

/** As node:http does for a real socket: the response wants to be told, and must forget that it waited. */
function relayDrain(response: ServerResponse): void {
  if (!response.writableNeedDrain) return;
  const symbol = Object.getOwnPropertySymbols(response).find((candidate) => candidate.description === 'kNeedDrain');
  if (symbol !== undefined) Reflect.set(response, symbol, false);
  response.emit('drain');
}
