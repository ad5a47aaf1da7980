import type { TestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';
import { exchange, requestText } from './wire.ts';

/**
 * The status of the next request that is answered, or `ended` when the server has gone. A connection that reaches a worker
 * of mode cluster in its last moments is lost with it, and so it may take more than one.
 */
export async function next(server: TestServer): Promise<number | 'ended'> {
  return until(
    async () => {
      if (server.hasClosed()) return 'ended';
      return (await exchange(server.port, requestText('GET', '/')))?.status;
    },
    { describe: 'another request to be answered', withinMs: 20_000 },
  );
}
