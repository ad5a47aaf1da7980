import { fault, hasPackage } from '../peers/needs.ts';

/** `reference` is no pool: what the system itself gives, and what people write by hand. */
export type ContenderKind = 'own' | 'peer' | 'reference';

/** A pool that runs functions, over processes or over threads. */
export interface Contender {
  readonly name: string;
  readonly kind: ContenderKind;
  readonly over: 'processes' | 'threads';
  /** Beside this file. */
  readonly file: string;
  /** What is missing on this machine, in a sentence; undefined when it can be measured. */
  readonly missing: string | undefined;
}

/** In the order of the tables. */
export const CONTENDERS: readonly Contender[] = [
  contender('prefork', 'own', 'processes'),
  contender('prefork', 'own', 'threads'),
  contender('tinypool', 'peer', 'processes'),
  contender('workerpool', 'peer', 'processes'),
  contender('poolifier', 'peer', 'processes'),
  contender('jest-worker', 'peer', 'processes'),
  contender('piscina', 'peer', 'threads'),
  contender('tinypool', 'peer', 'threads'),
  contender('workerpool', 'peer', 'threads'),
  contender('poolifier', 'peer', 'threads'),
  contender('jest-worker', 'peer', 'threads'),
  contender('fork', 'reference', 'processes'),
  contender('socket', 'reference', 'processes'),
];

function contender(folder: string, kind: ContenderKind, over: Contender['over']): Contender {
  const missing = kind === 'peer' ? fault(hasPackage(folder)) : undefined;
  return { name: `${folder}, ${over}`, kind, over, file: `./${folder}/${over}.mjs`, missing };
}
