/**
 * The primary's end of a task that runs in a worker: sends the request as messages, writes the answer from messages, with
 * flow control both ways. It holds at most a window of each body.
 */
import { MAX_BODY_FRAME_BYTES } from '../channel/frame.ts';
import { ANSWER_WINDOW_BYTES, type FromWorker, type ToWorker } from '../channel/messages.ts';
import { ReceiveWindow, SendWindow } from '../channel/window.ts';
import { assertNever } from '../errors/assert-never.ts';
import { PreforkError } from '../errors/prefork-error.ts';
import { hasBody } from './check-request.ts';
import type { Exchange } from './exchange.ts';
import { handlerThrew } from './handler-threw.ts';
import { ResponseWriter } from './response-writer.ts';

export type TaskMessage = Exclude<Extract<FromWorker, { task: number }>, { type: 'TaskStarted' | 'TaskSkipped' }>;

/** What a message meant for the task. */
export type TaskOutcome = 'goesOn' | 'ended' | 'protocolBroken';

export class ChannelExchange {
  readonly exchange: Exchange;
  readonly #send: (message: ToWorker) => void;
  readonly #writer: ResponseWriter;
  readonly #sending = new SendWindow();
  readonly #receiving = new ReceiveWindow(ANSWER_WINDOW_BYTES);
  #headSeen = false;
  #waitsForDrain = false;
  #bodyWanted = true;

  constructor(exchange: Exchange, send: (message: ToWorker) => void) {
    this.exchange = exchange;
    this.#send = send;
    this.#writer = new ResponseWriter(exchange.response);
  }

  /** Hands the head of the request to the worker. Sent ahead the task may be taken back, so that the body has to wait for `begin`. */
  send(slot: number, ahead: boolean): void {
    this.#send({ type: 'StartTask', task: this.exchange.id, slot, ahead, head: this.exchange.head });
  }

  /** The worker runs the task. */
  begin(): void {
    const { request, id } = this.exchange;
    if (!hasBody(request)) return;
    request.on('data', (bytes: Buffer) => this.#sendBody(bytes));
    request.once('end', () => {
      if (this.#bodyWanted) this.#send({ type: 'BodyEnd', task: id, trailers: request.rawTrailers });
    });
  }

  /** Stops sending the request: nobody reads it any more. */
  stopBody(): void {
    this.#bodyWanted = false;
    const { request } = this.exchange;
    if (!request.complete) request.resume();
  }

  receive(message: TaskMessage): TaskOutcome {
    try {
      return this.#receive(message);
    } catch (error) {
      if (!(error instanceof PreforkError)) throw error;
      this.exchange.fail(error);
      return 'goesOn';
    }
  }

  #receive(message: TaskMessage): TaskOutcome {
    const { exchange } = this;
    switch (message.type) {
      case 'Informational':
        if (!exchange.isOver && !this.#headSeen) this.#writer.writeInformational(message.head);
        return 'goesOn';
      case 'ResponseHead':
        if (this.#headSeen) return 'protocolBroken';
        this.#headSeen = true;
        if (!exchange.isOver) this.#writer.writeHead(message.head, exchange.ownHeaders(), exchange.request.method === 'HEAD');
        return 'goesOn';
      case 'Answered':
        if (this.#headSeen) return 'protocolBroken';
        this.#headSeen = true;
        if (!exchange.isOver)
          this.#writer.answer(message.head, exchange.ownHeaders(), exchange.request.method === 'HEAD', message.bytes);
        return 'goesOn';
      case 'Body':
        return this.#receiveBody(message.bytes);
      case 'BodyEnd':
        if (!this.#headSeen) return 'protocolBroken';
        if (!exchange.isOver) this.#writer.end(message.trailers);
        return 'goesOn';
      case 'BodyAborted':
        exchange.breakOff();
        return 'goesOn';
      case 'Credit':
        this.#sending.add(message.bytes);
        return 'goesOn';
      case 'TaskFailed':
        this.stopBody();
        exchange.fail(handlerThrew(message.error, exchange.id));
        return 'ended';
      case 'TaskFinished':
        this.stopBody();
        if (!exchange.isOver) exchange.fail(new PreforkError('ERR_HANDLER_RESPONSE', 'the handler ended without an answer'));
        return 'ended';
      case 'CallReturned':
      case 'CallThrew':
      case 'CallReported':
      case 'Stream':
        return 'protocolBroken';
      default:
        return assertNever(message);
    }
  }

  #receiveBody(bytes: Buffer): TaskOutcome {
    if (!this.#headSeen || !this.#receiving.receive(bytes.length)) return 'protocolBroken';
    const { exchange } = this;
    // The client is gone: take what comes, so that the worker is not held up on its way to the end.
    if (exchange.isOver || this.#writer.write(bytes)) this.#giveCredit(this.#receiving.consume(bytes.length));
    else if (!this.#waitsForDrain) this.#waitForDrain();
    return 'goesOn';
  }

  #waitForDrain(): void {
    const { response } = this.exchange;
    this.#waitsForDrain = true;
    const proceed = (): void => {
      response.off('drain', proceed);
      response.off('close', proceed);
      this.#waitsForDrain = false;
      this.#giveCredit(this.#receiving.consumeAll());
    };
    response.once('drain', proceed);
    response.once('close', proceed);
  }

  #giveCredit(bytes: number): void {
    if (bytes > 0) this.#send({ type: 'Credit', task: this.exchange.id, bytes });
  }

  #sendBody(bytes: Buffer): void {
    if (!this.#bodyWanted) return;
    const { request, id } = this.exchange;
    this.#sending.spend(bytes.length);
    for (let offset = 0; offset < bytes.length; offset += MAX_BODY_FRAME_BYTES) {
      this.#send({ type: 'Body', task: id, bytes: bytes.subarray(offset, offset + MAX_BODY_FRAME_BYTES) });
    }
    if (this.#sending.isOpen) return;
    request.pause();
    this.#sending.onceOpen(() => request.resume());
  }
}
