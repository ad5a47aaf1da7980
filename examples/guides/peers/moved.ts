import { createPool, PreforkError } from 'prefork';

const file = new URL('./work.ts', import.meta.url);
const nameOf = (error: unknown) => error instanceof Error && error.name;
const codeOf = (error: unknown) => error instanceof PreforkError && error.code;

// const pool = new Piscina({ filename, maxThreads: 2, maxQueue: 100 });
await using pool = createPool<typeof import('./work.ts')>(file, { isolation: 'thread', max: 2, queue: 100 });

// await pool.run({ numbers: [1, 2, 3] }, { name: 'sum' });
console.log(await pool.call.sum(1, 2, 3)); // 6

// await pool.run({}, { name: 'search', signal: AbortSignal.timeout(200) });
const timeout = AbortSignal.timeout(200);
console.log(await pool.run('search', [], { signal: timeout }).catch(nameOf)); // TimeoutError

// const pool = workerpool.pool(file, { maxWorkers: 2, workerType: 'process' });
await using processes = createPool<typeof import('./work.ts')>(file, { max: 2 });

// await pool.exec('render', [2], { on: (payload) => console.log(payload) }).timeout(5000);
const onReport = (share: unknown) => console.log(share); // 0.5, 1
console.log(await processes.run('render', [2], { onReport, deadline: '5s' })); // 2 pages

// const promise = pool.exec('search');
// promise.cancel();
const search = new AbortController();
const found = processes.run('search', [], { signal: search.signal });
search.abort();
console.log(await found.catch(nameOf)); // AbortError

// const farm = workerFarm({ maxConcurrentWorkers: 2, maxCallTime: 500, maxRetries: 3 }, file, ['sum', 'search']);
const farm = createPool<typeof import('./work.ts')>(file, { max: 2, deadline: '500ms', retries: 3 });

// farm.search((error) => console.log(error.type));
console.log(await farm.call.search().catch(codeOf)); // ERR_DEADLINE

// workerFarm.end(farm, callback);
await farm.close();

interface Job {
  readonly data: { readonly pages: number };
  updateProgress(share: unknown): void;
}

// new Worker('reports', fileURLToPath(new URL('./processor.js', import.meta.url)), { useWorkerThreads: false });
// new Worker('reports', processor);
const processor = (job: Job) =>
  processes.run('render', [job.data.pages], { onReport: (share) => job.updateProgress(share), deadline: '5m' });

console.log(await processor({ data: { pages: 1 }, updateProgress: (share) => console.log('share:', share) })); // share: 1, 1 pages
