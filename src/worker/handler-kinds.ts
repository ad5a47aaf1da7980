import type { IncomingMessage, ServerResponse } from 'node:http';

/** Every kind of handler is brought to this form, so that one task loop, and mode blocking, can run them all. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => unknown;

/** The form of the web's own interfaces: https://fetch.spec.whatwg.org/ */
export type FetchHandler = (request: Request) => Response | Promise<Response>;
