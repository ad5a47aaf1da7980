import type { IncomingMessage } from 'node:http';

const LONGEST_MS = 2000;

/**
 * Reads and drops the rest of a request body after the answer was given, for a short time. A connection that is closed
 * with bytes unread is reset by the kernel, and a client that is still sending may then never see the answer.
 */
export function discardBody(request: IncomingMessage): void {
  if (request.complete) return;
  const { socket } = request;
  const timer = setTimeout(() => socket.destroy(), LONGEST_MS);
  // The connection outlives the request: whatever is hung on it is taken off again.
  const done = (): void => {
    clearTimeout(timer);
    request.off('end', done);
    socket.off('close', done);
  };
  request.once('end', done);
  socket.once('close', done);
  request.resume();
}
