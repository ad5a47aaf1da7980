import { setImmediate } from 'node:timers';

let due: (() => void)[] = [];
let next = 0;

/**
 * Calls back when what came in this turn of the event loop is read: `setImmediate` runs right after the I/O events of the same turn, so
 * nothing waits for longer. What one of these callbacks asks for in its turn comes with them, while an immediate of its own would wait for the next
 * turn: a decision and the write that follows from it leave together.
 */
export function atTurnEnd(callback: () => void): void {
  if (due.push(callback) === 1) setImmediate(callAll);
}

function callAll(): void {
  try {
    // More may come meanwhile.
    while (next < due.length) {
      const callback = due[next];
      next += 1;
      callback?.();
    }
  } finally {
    const rest = due.slice(next);
    [due, next] = [rest, 0];
    // One of them failed: the others have no part in that.
    if (rest.length > 0) setImmediate(callAll);
  }
}
