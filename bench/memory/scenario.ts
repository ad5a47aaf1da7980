import { join } from 'node:path';
import { fromBuild } from '../builds.ts';
import { serversOf, type Server } from '../http/servers.ts';
import type { Contender, ContenderKind, Scenario, Value } from '../matrix/scenario.ts';
import { BENCH_FOLDER } from '../paths.ts';
import { fault, hasPackage } from '../peers/needs.ts';
import { idleBytes } from './idle-pool.ts';
import { growthWhileStreaming } from './streaming.ts';

const FOLDER = join(BENCH_FOLDER, 'memory');
const FEW = 8;
const MANY = 32;
const MEGABYTE = 1e6;
const IDLE_BOUND_MB = 12;
const STREAM_BOUND_MB = 64;

/** Either a pool that idles or a server that streams. */
interface Kept extends Contender {
  readonly does: { readonly kind: 'idle'; readonly file: string } | { readonly kind: 'stream'; readonly server: Server };
}

const [IDLE_FEW, IDLE_MANY] = [`each of ${FEW} idle workers`, `each of ${MANY} idle workers`];
const [DOWN, UP, DOWN_ALL, UP_ALL] = [
  'listener, 1 GB sent',
  'listener, 1 GB received',
  'whole server, 1 GB sent',
  'whole server, 1 GB received',
];
const [OWN, NODE, SERVE] = ['prefork processes', 'bare Node processes', 'prefork serve'];
const { own, node } = serversOf('memory/stream');

/** What workers that idle take, and what a server takes that streams. */
export const MEMORY: Scenario<Kept> = {
  name: 'memory',
  title: 'Memory of idle workers, and of a server that streams 1 GB',
  about: [
    `Pools of ${FEW} and of ${MANY} workers that have done a task each and rest: what each adds to the program, in proportional set size (a page that n processes share counts as an nth`,
    'for each). Servers that send and get 1 GB over one connection: by how much they grow beyond what they had, at most; each byte is counted.',
  ].join('\n'),
  contenders: [
    idle(OWN, 'own', 'prefork-processes', 'createPool'),
    idle('prefork threads', 'own', 'prefork-threads', "createPool with isolation: 'thread'"),
    idle(NODE, 'reference', 'node', 'node -e that does nothing'),
    idle('child_process.fork', 'reference', 'fork', 'children that have loaded the work, as written by hand'),
    idle('tinypool processes', 'peer', 'tinypool', "runtime: 'child_process'", 'tinypool'),
    idle('workerpool processes', 'peer', 'workerpool', "workerType: 'process'", 'workerpool'),
    idle('piscina threads', 'peer', 'piscina', 'its defaults', 'piscina'),
    streaming(own('pool', 'bodies may have 2 GB, in place of 100 MB', '--max-body', '2GB'), SERVE),
    streaming(node('bare', 'reference', 'node:http alone'), 'node:http'),
  ],
  columns: [IDLE_FEW, IDLE_MANY, DOWN, UP, DOWN_ALL, UP_ALL].map((name) => ({ name, unit: 'MB', better: 'less' })),
  plotted: [IDLE_FEW, IDLE_MANY],
  goals: [
    {
      key: 'idle',
      goal: `an idle worker: at most ${IDLE_BOUND_MB} MB above a bare Node process`,
      bound: IDLE_BOUND_MB,
      kind: 'most',
      unit: 'MB',
      figure: (of) => of.value(OWN, IDLE_FEW) - of.value(NODE, IDLE_FEW),
    },
    {
      key: 'down',
      goal: `1 GB sent: the primary grows by at most ${STREAM_BOUND_MB} MB`,
      bound: STREAM_BOUND_MB,
      kind: 'most',
      unit: 'MB',
      figure: (of) => of.value(SERVE, DOWN),
    },
    {
      key: 'up',
      goal: `1 GB received: the primary grows by at most ${STREAM_BOUND_MB} MB`,
      bound: STREAM_BOUND_MB,
      kind: 'most',
      unit: 'MB',
      figure: (of) => of.value(SERVE, UP),
    },
  ],
  rounds: 2,
  seconds: 1,
  async measure({ does }, { wants, build }) {
    if (does.kind === 'stream') return streamed(fromBuild(does.server, build));
    const few = { column: IDLE_FEW, value: (await idleBytes(`./${does.file}.mjs`, FEW, FOLDER, build)) / MEGABYTE };
    if (!wants(IDLE_MANY)) return [few];
    return [few, { column: IDLE_MANY, value: (await idleBytes(`./${does.file}.mjs`, MANY, FOLDER, build)) / MEGABYTE }];
  },
};

async function streamed(server: Server): Promise<readonly Value[]> {
  const { down, up } = await growthWhileStreaming(server);
  return [
    { column: DOWN, value: down.listenerBytes / MEGABYTE, detail: { seconds: down.seconds } },
    { column: UP, value: up.listenerBytes / MEGABYTE, detail: { seconds: up.seconds } },
    { column: DOWN_ALL, value: down.allBytes / MEGABYTE },
    { column: UP_ALL, value: up.allBytes / MEGABYTE },
  ];
}

function idle(name: string, kind: ContenderKind, file: string, what: string, packageName?: string): Kept {
  const missing = packageName === undefined ? undefined : fault(hasPackage(packageName));
  return { name, kind, what, missing, does: { kind: 'idle', file } };
}

function streaming(server: Server, name: string): Kept {
  const { kind, what, missing } = server;
  return { name, kind, what, missing, does: { kind: 'stream', server } };
}
