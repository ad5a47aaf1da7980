/** workerpool: cancel(), in a thread. */
import { startWorkerpool } from './workerpool-start.mjs';

export const start = async () => startWorkerpool('thread');
