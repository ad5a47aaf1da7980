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
  const nodes = (profile.nodes as ProfileNode[]).map((node) => {
    const { url, lineNumber: line, columnNumber: column } = node.callFrame;
    const place = names.find({ url, line, column });
    const name = place === undefined ? names.nameOf(url) : undefined;
    if (place === undefined && name === undefined) return node;
    found = true;
    if (place === undefined) return { ...node, callFrame: { ...node.callFrame, url: urlOf(name ?? url) } };
    const { positionTicks: _, ...kept } = node;
    const callFrame = { ...node.callFrame, url: urlOf(place.file), lineNumber: place.line - 1, columnNumber: place.column - 1 };
    return { ...kept, callFrame };
  });
  return found ? JSON.stringify({ ...profile, nodes }) : json;
}

function urlOf(file: string): string {
  return file.startsWith('/') ? pathToFileURL(file).href : file;
}
