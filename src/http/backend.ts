import type { Exchange } from './exchange.ts';

/** Whatever runs handlers: the workers of a mode, or this very process. */
export interface Backend {
  /** Takes an exchange over. From here on the backend answers it, exactly once, whatever happens. */
  run(exchange: Exchange): void;
  /** The client is gone, or the exchange was answered with an error: its task need not go on. */
  abandon(exchange: Exchange): void;
}
