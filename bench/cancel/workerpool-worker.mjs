import workerpool from 'workerpool';
import { next, spin } from './spin.mjs';

workerpool.worker({ next, spin });
