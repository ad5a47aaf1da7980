import { type Before, nameBefore, showBefore } from '../before/before.ts';
import { PRESENT_BUILD } from '../builds.ts';
import type { EntrantKind } from './results.ts';
import type { Contender } from './scenario.ts';

/** Who is measured: a contender with a build of prefork. */
export interface Entrant<Who extends Contender> {
  readonly name: string;
  readonly kind: EntrantKind;
  readonly what: string;
  readonly missing: string | undefined;
  readonly who: Who;
  /** The folder of the prefork that it uses, where it is ours. */
  readonly build: string;
}

/** All contenders, and each of ours once more with the build before. */
export function entrantsOf<Who extends Contender>(contenders: readonly Who[], before: Before | null): readonly Entrant<Who>[] {
  return contenders.flatMap((who) => {
    const { name, kind, what, missing } = who;
    const now: Entrant<Who> = { name, kind, what, missing, who, build: PRESENT_BUILD };
    if (kind !== 'own' || before === null) return [now];
    const same = `the same with the build before: ${showBefore(before.entry)}`;
    return [now, { ...now, name: nameBefore(name), kind: 'before', what: same, build: before.path }];
  });
}
