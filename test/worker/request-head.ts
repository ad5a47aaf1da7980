import type { RequestHead } from '../../src/channel/messages.ts';

/** The head of a plain GET. */
export const HEAD: RequestHead = {
  method: 'GET',
  url: '/',
  httpVersion: '1.1',
  headers: ['Host', 'a'],
  hasBody: false,
  isTunnel: false,
  encrypted: false,
  remoteAddress: '127.0.0.1',
  remotePort: 1,
  localAddress: '127.0.0.1',
  localPort: 2,
};
