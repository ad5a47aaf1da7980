import { decide } from '../prime.mjs';

process.once('message', (number) => process.send(decide(number), () => process.disconnect()));
