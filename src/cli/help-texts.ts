import { EXIT_CODES } from './exit-codes.ts';

/** What stands below the flags in the help of each command: its examples, and the exit codes. */
export function helpTexts(examples: readonly string[]): string {
  const codes = Object.entries(EXIT_CODES).map(([code, meaning]) => `  ${code}  ${meaning}`);
  return ['', 'Examples:', ...examples.map((example) => `  $ ${example}`), '', 'Exit codes:', ...codes].join('\n');
}
