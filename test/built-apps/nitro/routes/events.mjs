import { createEventStream, defineEventHandler } from 'h3';

export default defineEventHandler(async (event) => {
  const stream = createEventStream(event);
  void (async () => {
    for (const id of ['1', '2', '3']) await stream.push({ id, event: 'tick', data: `event ${id}` });
    await stream.close();
  })();
  return stream.send();
});
