import { fileURLToPath } from 'node:url';
import type { RawFrame } from '../channel/observation.ts';
import type { StackFrame } from './stack-report.ts';

/** A place in the user's own source. Line and column count from 1. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A place in code as V8 has it. Line and column count from 0. */
export interface CodePlace {
  readonly url: string;
  readonly line: number;
  readonly column: number;
}

/** What `eval`, `new Function` and the like made has no file. */
export const EVALUATED = '(evaluated code)';

/**
 * Frames as a person reads them.
 *
 * @param places for each frame that goes through a source map where it comes from, else undefined
 * @param ownFolder absolute path of the folder with prefork's own code, with a slash at the end
 */
export function toStackFrames(
  frames: readonly RawFrame[],
  places: readonly (SourcePlace | undefined)[],
  ownFolder: string,
): StackFrame[] {
  const shown: StackFrame[] = [];
  // From the outermost on: evaluated code belongs to whoever calls it, and Node calls from code of its own that has no name.
  let caller: StackFrame['origin'] = 'node';
  for (let index = frames.length - 1; index >= 0; index -= 1) {
    const frame = frames[index];
    if (frame === undefined) continue;
    const file = fileOf(frame.url);
    const origin: StackFrame['origin'] = file === EVALUATED ? caller : originOf(file, ownFolder);
    caller = origin;
    const place = places[index] ?? { file, line: frame.line + 1, column: frame.column + 1 };
    shown.push({ function: frame.function === '' ? '(anonymous)' : frame.function, ...place, origin });
  }
  return shown.toReversed();
}

function fileOf(url: string): string {
  if (url === '') return EVALUATED;
  if (!url.startsWith('file:')) return url;
  try {
    return fileURLToPath(url);
  } catch {
    // Whatever a program calls its code.
    return url;
  }
}

function originOf(file: string, ownFolder: string): StackFrame['origin'] {
  if (file.startsWith('node:')) return 'node';
  if (file.startsWith(ownFolder)) return 'prefork';
  return /[\\/]node_modules[\\/]/.test(file) ? 'dependency' : 'user';
}
