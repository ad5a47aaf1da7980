/**
 * A WebSocket beside ordinary routes: `npx prefork serve examples/websocket/app.js`. The export `upgrade` is what `server.on('upgrade', …)` is
 * for an app that listens by itself: it gets the connection, for as long as it lives.
 */
import { WebSocketServer } from 'ws';

const sockets = new WebSocketServer({ noServer: true });

sockets.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});

/** @type {import('node:http').RequestListener} */
export default function app(request, response) {
  response.setHeader('content-type', 'text/plain');
  response.end(`connect to ws://${request.headers.host}/ and get back whatever you send\n`);
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:stream').Duplex} socket
 * @param {Buffer} head
 */
export function upgrade(request, socket, head) {
  sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request));
}

/** Before its process ends (a reload, the end of the server), each client is told to come again: 1012, service restart. */
export function teardown() {
  for (const client of sockets.clients) client.close(1012);
}
