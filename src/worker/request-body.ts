import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * The body of a request as a web stream that takes nothing before it is asked: `Readable.toWeb` begins to read at once, and
 * node:http then takes a body that the handler never looks at for one that is being read, and waits for ever for its end. What
 * nobody has asked for when the answer is complete is dropped, so that the connection can go on.
 */
export function requestBody(request: IncomingMessage, response: ServerResponse): ReadableStream<Uint8Array> {
  let pieces: AsyncIterator<Buffer> | undefined;
  let isReading = false;
  let isDropped = false;
  const drop = (): void => {
    isDropped = true;
    // The iterator's; while there is one, the stream does not flow by itself.
    request.removeAllListeners('readable');
    request.resume();
  };
  response.once('finish', () => {
    if (!isReading && !request.readableEnded) drop();
  });
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (isDropped) throw new TypeError('the rest of the request body was dropped, because the answer is complete');
        pieces ??= (request as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
        isReading = true;
        const piece = await pieces.next();
        isReading = false;
        // A copy, because the memory is shared with other pieces, and a handler may transfer it.
        if (piece.done !== true) controller.enqueue(new Uint8Array(piece.value));
        else controller.close();
      },
      cancel: drop,
    },
    { highWaterMark: 0 },
  );
}
