import { parentPort } from 'node:worker_threads';

await import(`./handlers/${process.argv[2]}`);
parentPort.postMessage('ready');
