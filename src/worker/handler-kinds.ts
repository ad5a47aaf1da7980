import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Every kind of handler is brought to this form, so that one task loop, and mode blocking, can run them all. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => unknown;

/** The form of the web's own interfaces: https://fetch.spec.whatwg.org/ */
export type FetchHandler = (request: Request) => Response | Promise<Response>;

/**
 * Takes the connection over of a client that asks for another protocol: what node:http calls for `upgrade` and `connect`. `head` is what came
 * right after the request; here it is empty, and those bytes are the first that are read from the socket.
 */
export type TunnelHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => unknown;
