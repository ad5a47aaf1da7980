/**
 * A preload, `node --import scripts/through-worker.mjs FILE`: whatever listens for requests in that process gets them as a handler in a worker
 * does. Between node:http and the listener stand the primary's end of a task and the request and response that a worker makes; the messages
 * between them pass through no socket. For test suites whose servers can't be moved to another process. Needs a build.
 */
import { Server } from 'node:http';

const built = (path) => import(new URL(`../dist/${path}`, import.meta.url).href);
const [{ Exchange }, { ChannelExchange }, { Task }] = await Promise.all(
  ['http/exchange.js', 'http/channel-exchange.js', 'worker/task.js'].map(built),
);

const OPTIONS = { maxBodyBytes: 2 ** 31, dev: true, serverTiming: false, workerHeader: false };
const emit = Reflect.get(Server.prototype, 'emit');
let lastId = 0;

Server.prototype.emit = function emitThroughWorker(name, ...given) {
  if (name !== 'request') return emit.call(this, name, ...given);
  take(given[0], given[1], (request, response) => void emit.call(this, 'request', request, response));
  return true;
};

function take(request, response, handle) {
  let task;
  const listener = { isClosing: false, onAbandoned: () => task?.cancel(), onClosed() {} };
  const exchange = new Exchange((lastId += 1), request, response, OPTIONS, listener);
  const toPrimary = inTurn((message) => {
    if (channel.receive(message) === 'protocolBroken') throw new Error(`a message out of turn: ${message.type}`);
  });
  const toWorker = inTurn((message) => {
    switch (message.type) {
      case 'StartTask': {
        // As the channel does, which makes new values.
        task = new Task(message.task, structuredClone(message.head), { send: toPrimary, flush() {} }, () => {});
        void task.run(handle);
        return;
      }
      case 'Body':
        task.receiveBody(message.bytes);
        return;
      case 'BodyEnd':
        task.endBody(message.trailers);
        return;
      case 'Credit':
        task.addCredit(message.bytes);
        return;
      default:
        throw new Error(`found the message ${message.type}, expected one of a request`);
    }
  });
  const channel = new ChannelExchange(exchange, toWorker);
  exchange.start(process.pid);
  channel.send(0, false);
  channel.begin();
}

/** Delivers in order, in a later turn, as a socket does. */
function inTurn(deliver) {
  const waiting = [];
  const next = () => {
    for (const message of waiting.splice(0)) deliver(message);
  };
  return (message) => {
    if (waiting.push(message) === 1) setImmediate(next);
  };
}
