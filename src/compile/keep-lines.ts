import { decode } from '@jridgewell/sourcemap-codec';
import { transform, type TransformResult } from 'oxc-transform';
import type { Analysis } from './analyse.ts';
import { type Origin, restoreLayout, type Span } from './layout.ts';

/**
 * Compiled code in the layout of its source, or null where that would be other code. It is printed once more without any layout,
 * and so is the original: the same tokens in the same order give the same text.
 */
export async function keepLines(path: string, compiled: TransformResult, analysis: Analysis): Promise<string | null> {
  const laidOut = restoreLayout(compiled.code, originsOf(compiled), analysis.templates, analysis.remarks);
  const options = { lang: 'js', sourceType: analysis.format } as const;
  const [expected, actual] = await Promise.all([
    transform(path, without(compiled.code, analysis.remarks), options),
    transform(path, laidOut, options),
  ]);
  return actual.errors.length === 0 && expected.code === actual.code ? laidOut : null;
}

function originsOf({ code, map }: TransformResult): Origin[] {
  const origins: Origin[] = [];
  let lineStart = 0;
  for (const segments of decode(map?.mappings ?? '')) {
    for (const [column, , line, sourceColumn] of segments) {
      if (line !== undefined && sourceColumn !== undefined)
        origins.push({ offset: lineStart + column, line, column: sourceColumn });
    }
    lineStart = code.indexOf('\n', lineStart) + 1;
  }
  return origins;
}

function without(code: string, spans: readonly Span[]): string {
  let text = '';
  let at = 0;
  for (const { start, end } of spans) {
    text += code.slice(at, start);
    at = end;
  }
  return text + code.slice(at);
}
