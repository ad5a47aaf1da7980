import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { commandOf, PRESENT_BUILD } from '../builds.ts';
import { BENCH_FOLDER } from '../paths.ts';
import { fault, hasPackage, nodeFrom, type Need } from './needs.ts';

/** `own` is prefork, `reference` what is no Node and shows how well it can be done at all. */
export type PeerKind = 'own' | 'node' | 'reference';

export interface PeerCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly folder: string;
}

export interface Peer {
  readonly name: string;
  readonly kind: PeerKind;
  readonly description: string;
  /** What is missing on this machine, in a sentence; undefined when the peer can start. */
  missing(): string | undefined;
  /** Compiles it, where it is compiled. */
  prepare(): void;
  /**
   * What serves `GET /?number=N` on 127.0.0.1 and the port of the environment variable PORT, which is also handed in here; `build` is the folder of the
   * prefork that is meant, where it is ours: the present one by default.
   */
  command(port: number, build?: string): PeerCommand;
}

const PEERS_FOLDER = join(BENCH_FOLDER, 'peers');
const BUILD_FOLDER = join(BENCH_FOLDER, '.build');
const WATT_NODE = '22.19.0';
const cpus = availableParallelism();

/** Says how late the event loop of the process that it is loaded into runs, when asked by a signal. */
const DELAY_PROBE = join(BENCH_FOLDER, 'measure', 'event-loop-delay.mjs');

/** All peers, in the order of the tables. */
export const PEERS: readonly Peer[] = [
  prefork('pool', 'processes used again, the default mode'),
  prefork('fork', 'a fresh process for each request, booted before it came'),
  prefork('thread', 'worker threads used again'),
  onNode('bare', 'node:http alone: the handler runs in the process that listens'),
  onNode('fork-per-request', 'a child_process.fork() for each request, when it comes, as tutorials do it'),
  onNode('piscina', `piscina, ${cpus} threads, behind node:http`, 'piscina'),
  onNode('tinypool', `tinypool, ${cpus} processes, behind node:http`, 'tinypool'),
  onNode('workerpool', `workerpool, ${cpus} processes, behind node:http`, 'workerpool'),
  onNode('poolifier', `poolifier, a cluster pool of ${cpus}, behind node:http`, 'poolifier'),
  onNode('jest-worker', `jest-worker, ${cpus} processes, behind node:http`, 'jest-worker'),
  {
    ...onNode('bullmq', `BullMQ, its sandbox, ${cpus} jobs at once, a Redis of its own, behind node:http`, 'bullmq'),
    missing: () => fault(hasPackage('bullmq')) ?? fault({ kind: 'command', name: 'redis-server' }),
  },
  onNode('cluster', `node:cluster, ${cpus} processes`),
  {
    name: 'pm2',
    kind: 'node',
    description: `PM2, cluster mode, ${cpus} processes, in the foreground (pm2-runtime)`,
    missing: () => fault(hasPackage('pm2')),
    prepare: () => {},
    command: () => ({
      file: process.execPath,
      args: [join(BENCH_FOLDER, 'node_modules/pm2/bin/pm2-runtime'), 'start', 'ecosystem.config.cjs'],
      folder: join(PEERS_FOLDER, 'pm2'),
    }),
  },
  {
    name: 'watt',
    kind: 'node',
    description: `Watt, ${cpus} worker threads; on Node 22 where the one at hand is older than ${WATT_NODE}`,
    missing: () => fault(hasPackage('wattpm')) ?? fault({ kind: 'node', least: WATT_NODE }),
    prepare: () => {},
    command: () => ({
      file: nodeFrom(WATT_NODE) ?? process.execPath,
      args: [join(BENCH_FOLDER, 'node_modules/wattpm/bin/cli.js'), 'start'],
      folder: join(PEERS_FOLDER, 'watt'),
    }),
  },
  compiled('go', "Go's net/http, a goroutine for each request, preempted by the runtime", 'go', {
    build: ['go', 'build', '-o', join(BUILD_FOLDER, 'go', 'server'), 'main.go'],
    run: { file: join(BUILD_FOLDER, 'go', 'server'), args: [] },
  }),
  compiled('erlang', 'Erlang, a process for each connection, preempted by its virtual machine', 'erl', {
    build: ['erlc', '-o', join(BUILD_FOLDER, 'erlang'), 'prime_server.erl'],
    run: {
      file: 'erl',
      args: ['-noinput', '-noshell', '-pa', join(BUILD_FOLDER, 'erlang'), '-s', 'prime_server', 'start'],
    },
  }),
];

function prefork(mode: 'pool' | 'fork' | 'thread', description: string): Peer {
  return {
    name: `prefork-${mode}`,
    kind: 'own',
    description: `prefork serve --mode ${mode}: ${description}; its defaults, but a deadline of 5 min`,
    missing: () => (existsSync(join(PRESENT_BUILD, 'dist')) ? undefined : 'prefork is not built: npm run build'),
    prepare: () => {},
    command: (port, build = PRESENT_BUILD) => ({
      file: process.execPath,
      // The primary does not hand --import to its workers, so the probe measures the primary alone.
      args: [
        '--import',
        DELAY_PROBE,
        commandOf(build),
        'serve',
        'entry.mjs',
        '--mode',
        mode,
        '--port',
        `${port}`,
        '--deadline',
        '5m',
      ],
      folder: join(PEERS_FOLDER, 'prefork'),
    }),
  };
}

function onNode(name: string, description: string, packageName?: string): Peer {
  return {
    name,
    kind: 'node',
    description,
    missing: () => (packageName === undefined ? undefined : fault(hasPackage(packageName))),
    prepare: () => {},
    command: () => ({ file: process.execPath, args: ['server.mjs'], folder: join(PEERS_FOLDER, name) }),
  };
}

function compiled(
  name: string,
  description: string,
  needed: string,
  how: { readonly build: readonly [string, ...string[]]; readonly run: { file: string; args: readonly string[] } },
): Peer {
  const folder = join(PEERS_FOLDER, name);
  const need: Need = { kind: 'command', name: needed };
  return {
    name,
    kind: 'reference',
    description,
    missing: () => fault(need),
    prepare: () => {
      const [file, ...args] = how.build;
      mkdirSync(join(BUILD_FOLDER, name), { recursive: true });
      execFileSync(file, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
    },
    command: () => ({ ...how.run, folder }),
  };
}
