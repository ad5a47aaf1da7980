import { next } from './work.mjs';

process.once('message', (number) => process.send(next(number), () => process.disconnect()));
