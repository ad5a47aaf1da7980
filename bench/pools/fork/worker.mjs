import * as work from '../work.mjs';

process.on('message', ({ id, name, argument }) => process.send({ id, result: work[name](argument) }));
process.send('ready');
