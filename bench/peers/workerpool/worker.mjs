import workerpool from 'workerpool';
import { decide } from '../prime.mjs';

workerpool.worker({ decide });
