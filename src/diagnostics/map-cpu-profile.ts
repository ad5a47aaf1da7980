import type { CodePlace, SourcePlace } from './frames.ts';
import { pathToFileURL } from 'node:url';

/** The parts of a .cpuprofile that name places. Lines and columns count from 0, those of ticks from 1. */
interface ProfileNode {
  readonly callFrame: {
    readonly url: string;
    readonly lineNumber: number;
    readonly columnNumber: number;
    readonly [other: string]: unknown;
  };
  readonly positionTicks?: unknown;
  readonly [other: string]: unknown;
}

/**
 * Puts the places of the sources into a CPU profile. Ticks have a line and no column, so that they can not be looked up: where a function
 * has another line in its source, they are left out.
 */
export function mapCpuProfile(json: string, find: (place: CodePlace) => SourcePlace | undefined): string {
  const profile = JSON.parse(json) as { nodes?: unknown };
  if (!Array.isArray(profile.nodes)) return json;
  let found = false;
  const nodes = (profile.nodes as ProfileNode[]).map((node) => {
    const { url, lineNumber: line, columnNumber: column } = node.callFrame;
    const place = find({ url, line, column });
    if (place === undefined) return node;
    found = true;
    const callFrame = { ...node.callFrame, url: urlOf(place.file), lineNumber: place.line - 1, columnNumber: place.column - 1 };
    const { positionTicks, ...kept } = node;
    return place.line - 1 === line && positionTicks !== undefined
      ? { ...kept, positionTicks, callFrame }
      : { ...kept, callFrame };
  });
  return found ? JSON.stringify({ ...profile, nodes }) : json;
}

function urlOf(file: string): string {
  return file.startsWith('/') ? pathToFileURL(file).href : file;
}
