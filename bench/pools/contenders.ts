import type { Contender, ContenderKind } from '../matrix/scenario.ts';
import { fault, hasPackage } from '../peers/needs.ts';

/** A pool that runs functions, over processes or over threads. */
export interface FunctionPool extends Contender {
  readonly over: 'processes' | 'threads';
  /** Beside this file. */
  readonly file: string;
}

/** In the order of the tables. */
export const POOLS: readonly FunctionPool[] = [
  contender('prefork', 'own', 'processes', 'createPool, its defaults'),
  contender('prefork', 'own', 'threads', "createPool with isolation: 'thread'"),
  contender('tinypool', 'peer', 'processes', "runtime: 'child_process', 32 tasks at once in a worker, values cloned as V8 does"),
  contender('workerpool', 'peer', 'processes', "workerType: 'process', values cloned as V8 does"),
  contender('poolifier', 'peer', 'processes', 'FixedClusterPool, values cloned as V8 does'),
  contender('jest-worker', 'peer', 'processes', 'its defaults'),
  contender('piscina', 'peer', 'threads', '32 tasks at once in a worker, large memory moved'),
  contender('tinypool', 'peer', 'threads', '32 tasks at once in a worker, large memory moved'),
  contender('workerpool', 'peer', 'threads', 'large memory moved'),
  contender('poolifier', 'peer', 'threads', 'FixedThreadPool, large memory moved'),
  contender('jest-worker', 'peer', 'threads', 'enableWorkerThreads'),
  contender('fork', 'reference', 'processes', 'no pool: child_process.fork and process.send, in turns, as written by hand'),
  contender('socket', 'reference', 'processes', 'no pool: one task at a time on a bare framed socket to each process'),
];

function contender(folder: string, kind: ContenderKind, over: FunctionPool['over'], what: string): FunctionPool {
  const missing = kind === 'peer' ? fault(hasPackage(folder)) : undefined;
  return { name: `${folder} ${over}`, kind, over, what, file: `./${folder}/${over}.mjs`, missing };
}
