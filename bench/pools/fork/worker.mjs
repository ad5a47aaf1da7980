import { next, stamp, total } from '../work.mjs';

const work = { next, stamp, total };
process.on('message', ({ id, name, argument }) => process.send({ id, result: work[name](argument) }));
process.send('ready');
