import assert from 'node:assert/strict';
import { once } from 'node:events';
import { suite, test } from 'node:test';
import { get, open } from '../support/http.ts';
import { until } from '../support/until.ts';
import { controlled, serve } from './fetch-server.ts';

suite('a client that goes away', () => {
  test('aborts the signal of the request, and nothing rejects', async (t) => {
    let signal: AbortSignal | undefined;
    const { url, outcomes } = await serve(t, async (request) => {
      signal = request.signal;
      await once(request.signal, 'abort');
      return new Response('for nobody');
    });
    const abort = new AbortController();
    open(url, { signal: abort.signal }).catch(() => {});
    await until(() => signal, { describe: 'the request' });
    assert.equal(signal?.aborted, false);
    abort.abort();
    await until(() => outcomes.length > 0, { describe: 'the handler to end' });
    assert.deepEqual(outcomes, ['done']);
    assert.equal(Object(signal?.reason).name, 'AbortError');
  });

  test('cancels the stream of the response', async (t) => {
    const source = controlled();
    const { url, outcomes } = await serve(t, () => new Response(source.stream));
    source.push('first');
    source.push('second');
    const live = await open(url);
    await once(live.body, 'data');
    live.body.on('error', () => {});
    live.abort();
    await until(() => source.cancelled.length > 0 && outcomes.length > 0, { describe: 'the stream to be cancelled' });
    assert.equal(Object(source.cancelled[0]).name, 'AbortError');
    assert.deepEqual(outcomes, ['done']);
  });

  test('cancels a response that comes too late', async (t) => {
    const source = controlled();
    let hasBegun = false;
    const { url, outcomes } = await serve(t, async (request) => {
      hasBegun = true;
      await once(request.signal, 'abort');
      return new Response(source.stream);
    });
    const abort = new AbortController();
    open(url, { signal: abort.signal }).catch(() => {});
    await until(() => hasBegun, { describe: 'the request' });
    abort.abort();
    await until(() => source.cancelled.length > 0 && outcomes.length > 0, { describe: 'the stream to be cancelled' });
    assert.deepEqual(outcomes, ['done']);
  });

  test('does not abort an exchange that is complete', async (t) => {
    const signals: AbortSignal[] = [];
    const { url } = await serve(t, (request) => {
      signals.push(request.signal);
      return new Response('complete');
    });
    await get(url);
    await get(url);
    await until(() => signals.length === 2, { describe: 'both requests' });
    assert.equal(signals[0]?.aborted, false);
  });
});
