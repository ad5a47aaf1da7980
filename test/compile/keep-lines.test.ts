import assert from 'node:assert/strict';
import { test } from 'node:test';
import { transformSync } from 'oxc-transform';
import { analyse } from '../../src/compile/analyse.ts';
import { keepLines } from '../../src/compile/keep-lines.ts';

const SOURCE = `interface A {
  b: string;
}
export const text = (a: A): string => {
  return (
    \`first
   second\` + a.b
  );
};
`;

test('tokens go back to their lines, and a word that may not end its line goes along', async () => {
  const compiled = transformSync('a.ts', SOURCE, { sourcemap: true });
  const analysis = analyse('a.ts', compiled.code, 'module', false);
  const expected = [
    '',
    '',
    '',
    'export const text = (a) =>            {',
    '  ',
    'return `first',
    '   second` + a.b;',
    '',
    '};',
    '',
  ];
  const kept = await keepLines('a.ts', compiled, analysis);
  assert.deepEqual(kept?.split('\n'), expected);
});

test('a layout that would change the code is not used', async () => {
  const compiled = transformSync('a.ts', SOURCE, { sourcemap: true });
  const analysis = analyse('a.ts', compiled.code, 'module', false);
  // Without them, the line break in the template counts as no more than a space.
  assert.notEqual(analysis.templates.length, 0);
  assert.equal(await keepLines('a.ts', compiled, { ...analysis, templates: [] }), null);
});
