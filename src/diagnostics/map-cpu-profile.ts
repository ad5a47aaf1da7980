import type { CodePlace, SourcePlace } from './frames.ts';
import { pathToFileURL } from 'node:url';

/** The parts of a .cpuprofile that name places. Lines and columns count from 0, those of ticks from 1. */
interface ProfileNode {
  readonly callFrame: {
    url: string;
    lineNumber: number;
    columnNumber: number;
  };
  positionTicks?: unknown;
}

/** Where code comes from. */
export interface CodeNames {
  /** Through its source map. */
  find(place: CodePlace): SourcePlace | undefined;
  /** The name that it gives itself; its lines are those of the code. */
  nameOf(url: string): string | undefined;
}

/**
 * Puts the places of the sources into a CPU profile. Ticks have a line and no column, so that they can not be looked up in a map: where a
 * function moves by one, they are left out.
 */
export function mapCpuProfile(json: string, names: CodeNames): string {
  const profile = JSON.parse(json) as { nodes?: unknown };
  if (!Array.isArray(profile.nodes)) return json;
  let found = false;
  for (const node of profile.nodes as ProfileNode[]) {
    const { callFrame } = node;
    const { url, lineNumber: line, columnNumber: column } = callFrame;
    const place = names.find({ url, line, column });
    const file = place?.file ?? names.nameOf(url);
    if (file === undefined) continue;
    found = true;
    callFrame.url = urlOf(file);
    if (place === undefined) continue;
    callFrame.lineNumber = place.line - 1;
    callFrame.columnNumber = place.column - 1;
    delete node.positionTicks;
  }
  return found ? JSON.stringify(profile) : json;
}

function urlOf(file: string): string {
  return file.startsWith('/') ? pathToFileURL(file).href : file;
}
