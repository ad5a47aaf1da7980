/**
 * Socket.IO on a server that does not listen by itself: `npx prefork serve examples/socket.io/app.js`. Over WebSockets alone: with long polling
 * the requests of one client would have to meet the same worker each time.
 */
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const server = createServer((request, response) => {
  response.setHeader('content-type', 'text/plain');
  response.end('a Socket.IO server\n');
});

const io = new Server(server, { transports: ['websocket'], serveClient: false });

io.on('connection', (socket) => {
  socket.on('add', (one, other, reply) => reply(one + other));
  socket.on('shout', (text) => io.emit('shout', text.toUpperCase()));
});

export default server;

/** Before its process ends, its clients are told; they come again by themselves. */
export function teardown() {
  io.disconnectSockets(true);
}
