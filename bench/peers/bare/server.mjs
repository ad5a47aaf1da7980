/** Node as it comes: the handler runs in the process that listens. */
import { listen } from '../listen.mjs';
import { decide } from '../prime.mjs';

listen(decide);
