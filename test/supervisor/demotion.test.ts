import { createHook } from 'node:async_hooks';
import { test } from 'node:test';
import { offload } from '../../src/offload/offload.ts';
import { handler } from '../support/paths.ts';
import { until } from '../support/until.ts';

const REQUESTS = 50;

// The quantum of a task and its answer may come up in the same turn of the event loop, in either order.
test('no worker is watched for a long task that is over', { timeout: 120_000 }, async (t) => {
  const watching = new Set<number>();
  const hook = createHook({
    init(id, type) {
      if (type === 'Timeout' && new Error().stack?.includes('/src/supervisor/demotion.') === true) watching.add(id);
    },
    destroy: (id) => void watching.delete(id),
  }).enable();
  t.after(() => hook.disable());
  const route = offload(handler('slow.mjs'), { max: 1, spares: 0, quantum: 1 });
  t.after(() => route.close({ force: true }));
  for (let count = 0; count < REQUESTS; count += 1) {
    const answer = await route(new Request(`http://localhost/${count}`));
    await answer.text();
    await until(() => watching.size === 0, { describe: `the watch to end after request ${count}`, withinMs: 5000 });
  }
});
