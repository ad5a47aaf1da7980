/** workerpool: cancel(), in a process. */
import { startWorkerpool } from './workerpool-start.mjs';

export const start = async () => startWorkerpool('process');
