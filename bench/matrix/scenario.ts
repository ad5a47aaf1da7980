import type { Better } from '../report/compare.ts';

/** `reference` is nothing that one would pick instead: what the system itself gives, as a measure. */
export type ContenderKind = 'own' | 'peer' | 'reference';

export interface Contender {
  readonly name: string;
  readonly kind: ContenderKind;
  readonly what: string;
  /** What is missing on this machine, in a sentence; undefined when it can be measured. */
  readonly missing: string | undefined;
}

export interface Column {
  readonly name: string;
  readonly unit: string;
  readonly better: Better;
}

export interface Effort {
  /** Length of each thing that is measured. */
  readonly seconds: number;
  /** Whether it is to be over soon: less of what takes long, for figures that only show what no noise explains. */
  readonly isQuick: boolean;
  /** Whether somebody looks at a column: what nobody wants need not be measured. */
  readonly wants: (column: string) => boolean;
  /** The folder of the prefork that a contender of ours is to use. */
  readonly build: string;
}

/** One figure of one round. */
export interface Value {
  readonly column: string;
  /** null for what never came to pass, however long one waited. */
  readonly value: number | null;
  /** What else was seen, for the raw data. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** The value of a contender in a column, of one round: NaN where there is none, infinite for what never came to pass. */
export type Lookup = (contender: string, column: string) => number;

/** The figures of all contenders of a kind that have one. */
export interface Round {
  readonly value: Lookup;
  readonly most: (column: string, isMeant: (contender: string) => boolean) => number;
  readonly least: (column: string, isMeant: (contender: string) => boolean) => number;
}

/** What the project promises, as one figure that has to be at least, or at most, so much. */
export interface Goal {
  /** Its name among the recorded ratios: never changed. */
  readonly key: string;
  readonly goal: string;
  readonly bound: number;
  readonly kind: 'least' | 'most';
  readonly unit: string;
  figure(round: Round): number;
}

/** Contenders by columns: what is measured of each in each round, and what is promised of it. */
export interface Scenario<Who extends Contender = Contender> {
  readonly name: string;
  readonly title: string;
  /** What happens in it, for whoever reads the results. */
  readonly about: string;
  readonly contenders: readonly Who[];
  readonly columns: readonly Column[];
  /** Names of the columns that the picture has. */
  readonly plotted: readonly string[];
  readonly goals: readonly Goal[];
  readonly rounds: number;
  readonly seconds: number;
  /** One round of one contender, which starts it and ends it. @throws PartlyMeasured for one that did some of it */
  measure(who: Who, effort: Effort): Promise<readonly Value[]>;
}
