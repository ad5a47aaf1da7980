import { ThreadWorker } from 'poolifier';
import { next, stamp, total } from '../work.mjs';

export default new ThreadWorker({ next, stamp, total });
