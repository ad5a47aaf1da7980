import workerpool from 'workerpool';
import { next, rest } from './work.mjs';

workerpool.worker({ next, rest });
