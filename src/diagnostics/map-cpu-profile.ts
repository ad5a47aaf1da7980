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

/**
 * Puts the places of the sources into a CPU profile. Ticks have a line and no column, so that they can not be looked up: where a function
 * has another line in its source, they are left out.
 */
export function mapCpuProfile(json: string, find: (place: CodePlace) => SourcePlace | undefined): string {
  const profile = JSON.parse(json) as { nodes?: unknown };
  if (!Array.isArray(profile.nodes)) return json;
  let found = false;
  for (const node of profile.nodes as ProfileNode[]) {
    const { callFrame } = node;
    const { url, lineNumber: line, columnNumber: column } = callFrame;
    const place = find({ url, line, column });
    if (place === undefined) continue;
    found = true;
    callFrame.url = urlOf(place.file);
    callFrame.lineNumber = place.line - 1;
    callFrame.columnNumber = place.column - 1;
    if (callFrame.lineNumber !== line) delete node.positionTicks;
  }
  return found ? JSON.stringify(profile) : json;
}

function urlOf(file: string): string {
  return file.startsWith('/') ? pathToFileURL(file).href : file;
}
