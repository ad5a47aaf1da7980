import { BOOT } from '../boot/scenario.ts';
import { CANCEL } from '../cancel/scenario.ts';
import { FRESH_PROCESSES } from '../fresh/scenario.ts';
import { HTTP } from '../http/scenario.ts';
import { MEMORY } from '../memory/scenario.ts';
import { OVERLOAD } from '../overload/scenario.ts';
import { POOL } from '../pools/scenario.ts';
import { SCALE } from '../scale/scenario.ts';
import type { Contender, Scenario } from './scenario.ts';

/** Each measures the contenders that it brings: what it knows more of them is its own affair. */
export const SCENARIOS: readonly Scenario[] = [
  open(POOL),
  open(HTTP),
  open(FRESH_PROCESSES),
  open(CANCEL),
  open(BOOT),
  open(MEMORY),
  open(OVERLOAD),
  open(SCALE),
];

function open<Who extends Contender>(scenario: Scenario<Who>): Scenario {
  return {
    ...scenario,
    measure: (who, effort) => {
      const own = scenario.contenders.find(({ name }) => name === who.name);
      if (own === undefined) throw new Error(`${scenario.name} has no contender ${who.name}`);
      return scenario.measure(own, effort);
    },
  };
}
