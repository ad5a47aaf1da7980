import { isMainThread } from 'node:worker_threads';
import workerpool from 'workerpool';
import * as work from '../work.mjs';

workerpool.worker({
  next: work.next,
  total: work.total,
  stamp: (bytes) => {
    const stamped = work.stamp(bytes);
    return isMainThread ? stamped : new workerpool.Transfer(stamped, [stamped.buffer]);
  },
});
