import workerpool from 'workerpool';
import { answer } from './handler.mjs';

workerpool.worker({ answer });
