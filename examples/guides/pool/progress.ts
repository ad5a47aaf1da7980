import { createPool } from 'prefork';

const pool = createPool<typeof import('./pixels.ts')>(new URL('./pixels.ts', import.meta.url), {
  workerData: { by: 10 },
  isolation: 'thread',
  max: 1,
});

const pixels = new Uint8Array(2_000_000).fill(7);
const brighter = await pool.run('brighten', [pixels], {
  transfer: [pixels.buffer],
  onReport: (share) => console.log(`${Number(share) * 100} %`), // 0 %, 50 %
});
console.log(brighter[0], pixels.length); // 17 0
await pool.close();
