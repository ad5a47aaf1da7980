/**
 * The primary's end of a connection that a worker holds: bytes from the client to the worker and back, as they come, with flow control both
 * ways. It holds at most a window of each direction. Each side may end before the other, as on any TCP connection.
 */
import { MAX_BODY_FRAME_BYTES } from '../channel/frame.ts';
import { TUNNEL_WINDOW_BYTES, type ToWorker } from '../channel/messages.ts';
import { ReceiveWindow, SendWindow } from '../channel/window.ts';
import { assertNever } from '../errors/assert-never.ts';
import type { TaskMessage, TaskOutcome } from './channel-exchange.ts';
import type { Connection } from './connection.ts';
import type { Exchange } from './exchange.ts';
import { handlerThrew } from './handler-threw.ts';

/** The way to a worker. */
export interface TunnelPeer {
  send(message: ToWorker): void;
  /** False while more bytes wait to be sent to it than should. */
  readonly hasRoom: boolean;
  /** Calls back when the system has what was sent so far, and not at all when the worker is gone. */
  whenTaken(callback: () => void): void;
}

export class ChannelTunnel {
  readonly exchange: Exchange;
  readonly #connection: Connection;
  readonly #peer: TunnelPeer;
  readonly #sending = new SendWindow(TUNNEL_WINDOW_BYTES);
  readonly #receiving = new ReceiveWindow(TUNNEL_WINDOW_BYTES);
  #waitsForDrain = false;
  #isOver = false;

  constructor(exchange: Exchange, connection: Connection, peer: TunnelPeer) {
    this.exchange = exchange;
    this.#connection = connection;
    this.#peer = peer;
  }

  /** Hands the head of the request to the worker. It is never sent ahead: what follows it can not be taken back. */
  send(slot: number): void {
    this.#peer.send({
      type: 'StartTask',
      task: this.exchange.id,
      slot,
      ahead: false,
      head: this.exchange.head,
    });
  }

  begin(): void {
    const { socket, head } = this.#connection;
    if (head.length > 0) this.#sendBytes(head);
    socket.on('data', (bytes: Buffer) => this.#sendBytes(bytes));
    socket.once('end', () => this.#say({ type: 'BodyEnd', task: this.exchange.id, trailers: [] }));
    // A pause that was asked for before the first listener stays.
    if (!this.#sending.isOpen) socket.pause();
  }

  /** Nobody reads any more what the client sends. */
  stopBody(): void {
    this.#isOver = true;
    this.#connection.socket.resume();
  }

  receive(message: TaskMessage): TaskOutcome {
    const { exchange } = this;
    const { socket } = this.#connection;
    switch (message.type) {
      case 'Body':
        return this.#receiveBytes(message.bytes);
      case 'BodyEnd':
        if (!exchange.isOver) socket.end();
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
        exchange.breakOff();
        return 'ended';
      case 'Informational':
      case 'ResponseHead':
      case 'Answered':
      case 'BodyAborted':
      case 'CallReported':
      case 'CallReturned':
      case 'CallThrew':
      case 'Stream':
        return 'protocolBroken';
      default:
        return assertNever(message);
    }
  }

  #say(message: ToWorker): void {
    if (!this.#isOver) this.#peer.send(message);
  }

  #receiveBytes(bytes: Buffer): TaskOutcome {
    if (!this.#receiving.receive(bytes.length)) return 'protocolBroken';
    if (this.exchange.isOver || !this.#connection.socket.writable || this.#connection.socket.write(bytes))
      this.#giveCredit(this.#receiving.consume(bytes.length));
    else if (!this.#waitsForDrain) this.#waitForDrain();
    return 'goesOn';
  }

  #waitForDrain(): void {
    this.#waitsForDrain = true;
    this.#connection.socket.once('drain', () => {
      this.#waitsForDrain = false;
      this.#giveCredit(this.#receiving.consumeAll());
    });
  }

  #giveCredit(bytes: number): void {
    if (bytes > 0) this.#say({ type: 'Credit', task: this.exchange.id, bytes });
  }

  #sendBytes(bytes: Buffer): void {
    if (this.#isOver) return;
    this.#sending.spend(bytes.length);
    for (let offset = 0; offset < bytes.length; offset += MAX_BODY_FRAME_BYTES) {
      const piece = bytes.subarray(offset, offset + MAX_BODY_FRAME_BYTES);
      this.#peer.send({ type: 'Body', task: this.exchange.id, bytes: piece });
    }
    this.#goOn();
  }

  /** Reads on when both allow it: the worker, and what waits on the way to it for all of its tasks together. */
  #goOn(): void {
    const { socket } = this.#connection;
    if (!this.#sending.isOpen) {
      socket.pause();
      this.#sending.onceOpen(() => this.#goOn());
    } else if (!this.#peer.hasRoom) {
      socket.pause();
      this.#peer.whenTaken(() => this.#goOn());
    } else socket.resume();
  }
}
