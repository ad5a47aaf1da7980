import { test } from 'node:test';
import { expectBadOption } from './expect-bad-option.ts';
import { type Given, resolve, untyped } from './resolve-in-folder.ts';

const CONTRADICTIONS: readonly [string, Given, string][] = [
  [
    'min over max',
    { options: { entry: 'app.js', min: 5, max: 4 }, explicitSource: 'flag' },
    '--min: found 5, expected at most 4, the value of --max',
  ],
  [
    'min over the default of max',
    { options: { entry: 'app.js', min: 17 } },
    'option min: found 17, expected at most 16, the default of max on this machine: set max too',
  ],
  [
    'concurrency in a mode that is not for it',
    { options: { entry: 'app.js', mode: 'fork', concurrency: 2 } },
    'option concurrency: found 2 in mode fork, expected mode pool or thread, or 1',
  ],
  [
    'spares of the file over max of the environment',
    { file: '{ "spares": 9 }', env: { WEB_CONCURRENCY: '8' } },
    'prefork.config.json, spares: found 9, expected at most 8, the value of WEB_CONCURRENCY',
  ],
  [
    'a quantum as long as the deadline',
    { options: { entry: 'app.js', quantum: '2s', deadline: '2s' }, explicitSource: 'flag' },
    '--quantum: found 2s, expected less than 2s, the value of --deadline: a task would be ended before it counts as long',
  ],
  [
    'a quantum of the environment over the deadline of the file',
    { file: '{ "deadline": "20ms" }', env: { PREFORK_QUANTUM: '50ms' } },
    'PREFORK_QUANTUM: found 50ms, expected less than 20ms, the value of prefork.config.json, deadline: a task would be ended before it counts as long',
  ],
  [
    'a quantum over the default of the deadline',
    { options: { entry: 'app.js', quantum: '1m' } },
    'option quantum: found 1m, expected less than 30s, the default of deadline: set deadline too',
  ],
  [
    'more memory than the machine has',
    { options: { entry: 'app.js', memory: '4097MB' }, explicitSource: 'flag' },
    '--memory: found 4097MB, expected at most 4GB, all that this machine or its container has; left out, it is half of that',
  ],
  [
    'more memory than a machine has that does not have whole megabytes',
    { env: { PREFORK_MEMORY: '1GB' }, machine: { cpus: 2, memoryBytes: 1_000_000_000 } },
    'PREFORK_MEMORY: found 1GB, expected at most 953MB, all that this machine or its container has; left out, it is half of that',
  ],
];

for (const [name, given, message] of CONTRADICTIONS) {
  test(`refuses ${name}`, (t) => expectBadOption(() => resolve(t, given), message));
}

const COUNT = 'a whole number from 1 to 2147483647';
const PORT = 'a port from 0 to 65535, 0 for any free one';
const HOST = 'a host name or an IP address, without scheme and port';
const DURATION = 'a duration such as 500ms, 30s or 5m';
const SIZE = 'a size such as 64KB, 512MB or 1GB';
const ROOM = 'a size of at least 64MB, room for one worker';
const SHARE = 'a share from 1% to 50%';
const REFUSED: readonly [Record<string, unknown>, string][] = [
  [{ deadlin: '3s' }, 'options: found the unknown option "deadlin", expected deadline, or another option of serve'],
  [{ max: 0 }, `option max: found 0, expected ${COUNT}`],
  [{ max: 1.5 }, `option max: found 1.5, expected ${COUNT}`],
  [{ max: '0x10' }, `option max: found "0x10", expected ${COUNT}`],
  [{ max: '' }, `option max: found "", expected ${COUNT}`],
  [{ max: 2 ** 31 }, `option max: found 2147483648, expected ${COUNT}`],
  [{ port: -1 }, `option port: found -1, expected ${PORT}`],
  [{ port: 65_536 }, `option port: found 65536, expected ${PORT}`],
  [{ port: true }, `option port: found true, expected ${PORT}`],
  [{ mode: 'forks' }, 'option mode: found "forks", expected one of blocking, fork, pool, thread, cluster'],
  [{ mode: 'toString' }, 'option mode: found "toString", expected one of blocking, fork, pool, thread, cluster'],
  [{ dev: 'yes' }, 'option dev: found "yes", expected true or false'],
  [{ dev: 1 }, 'option dev: found 1, expected true or false'],
  [{ host: 'http://localhost' }, `option host: found "http://localhost", expected ${HOST}`],
  [{ host: 'localhost:80' }, `option host: found "localhost:80", expected ${HOST}`],
  [{ host: '300.1.1.1' }, `option host: found "300.1.1.1", expected ${HOST}`],
  [{ host: '' }, `option host: found "", expected ${HOST}`],
  [{ deadline: 0 }, 'option deadline: found 0, expected a duration of at least 1ms'],
  [{ keepAliveTimeout: 0 }, 'option keepAliveTimeout: found 0, expected a duration of at least 1ms'],
  [{ maxHeader: '1B' }, 'option maxHeader: found "1B", expected a size of at least 1KB'],
  [{ quantum: 0 }, 'option quantum: found 0, expected a duration of at least 1ms'],
  [{ quantum: -50 }, 'option quantum: found -50, expected a duration of at least 1ms'],
  [{ quantum: '-50ms' }, `option quantum: found "-50ms", expected ${DURATION}`],
  [{ quantum: '50' }, `option quantum: found "50", expected ${DURATION}`],
  [{ quantum: '5%' }, `option quantum: found "5%", expected ${DURATION}`],
  [{ quantum: 'off' }, `option quantum: found "off", expected ${DURATION}`],
  [{ quantum: 0.5 }, `option quantum: found 0.5, expected ${DURATION}, in whole milliseconds`],
  [{ quantum: Number.NaN }, `option quantum: found NaN, expected ${DURATION}`],
  [{ memory: '1B' }, `option memory: found "1B", expected ${ROOM}`],
  [{ memory: '63MB' }, `option memory: found "63MB", expected ${ROOM}`],
  [{ memory: 0 }, `option memory: found 0, expected ${ROOM}`],
  [{ memory: -1 }, `option memory: found -1, expected ${ROOM}`],
  [{ memory: 512 }, `option memory: found 512, expected ${ROOM}`],
  [{ memory: '-1GB' }, `option memory: found "-1GB", expected ${SIZE}`],
  [{ memory: '512' }, `option memory: found "512", expected ${SIZE}`],
  [{ memory: '50%' }, `option memory: found "50%", expected ${SIZE}`],
  [{ memory: 'half' }, `option memory: found "half", expected ${SIZE}`],
  [{ memory: 1e8 + 0.5 }, `option memory: found 100000000.5, expected ${SIZE}, in whole bytes`],
  [{ memory: Number.POSITIVE_INFINITY }, `option memory: found Infinity, expected ${SIZE}, in whole bytes`],
  [{ floor: 0 }, `option floor: found 0, expected ${SHARE}`],
  [{ floor: '0%' }, `option floor: found "0%", expected ${SHARE}`],
  [{ floor: -0.1 }, `option floor: found -0.1, expected ${SHARE}`],
  [{ floor: '-10%' }, `option floor: found "-10%", expected ${SHARE}`],
  [{ floor: '101%' }, `option floor: found "101%", expected ${SHARE}`],
  [{ floor: '51%' }, `option floor: found "51%", expected ${SHARE}`],
  [{ floor: 10 }, `option floor: found 10, expected ${SHARE}`],
  [{ floor: '0.1' }, `option floor: found "0.1", expected ${SHARE}`],
  [{ floor: 'low' }, `option floor: found "low", expected ${SHARE}`],
  [{ floor: Number.NaN }, `option floor: found NaN, expected ${SHARE}`],
  [{ config: '' }, 'option config: found "", expected a text that is not empty'],
];

for (const [options, message] of REFUSED) {
  test(`refuses ${JSON.stringify(options)}`, (t) =>
    expectBadOption(() => resolve(t, { options: untyped({ entry: 'app.js', ...options }) }), message));
}
