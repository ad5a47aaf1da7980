import { move } from 'piscina';
import * as work from '../work.mjs';

export const { next, total } = work;

export function stamp(bytes) {
  return move(work.stamp(bytes));
}
