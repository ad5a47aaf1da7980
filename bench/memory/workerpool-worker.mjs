import workerpool from 'workerpool';
import { rest } from './work.mjs';

workerpool.worker({ rest });
