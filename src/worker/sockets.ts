import { Socket } from 'node:net';
import { socketTransport, type Transport } from '../channel/transport.ts';

/** The two sockets that a worker process inherits from its spawner. Nothing else may know how they came to be. */
const DATA_FD = 3;
const CONTROL_FD = 4;

export function openDataSocket(): Transport {
  return socketTransport(new Socket({ fd: DATA_FD, readable: true, writable: true }));
}

export function openControlSocket(): Transport {
  return socketTransport(new Socket({ fd: CONTROL_FD, readable: true, writable: true }));
}
