/** The thread behind `source-maps.ts`: reads source maps and looks places up in them. It keeps those that it has read. */
import { parentPort } from 'node:worker_threads';
import { mapCpuProfile } from './map-cpu-profile.ts';
import { SourceMaps } from './read-source-map.ts';
import type { CodePlace, SourcePlace } from './frames.ts';

export type MappingWork =
  | { readonly what: 'places'; readonly places: readonly CodePlace[] }
  | { readonly what: 'profile'; readonly json: string };

export interface MappingOrder {
  readonly id: number;
  readonly work: MappingWork;
}

export type MappingAnswer =
  | { readonly what: 'places'; readonly places: readonly (SourcePlace | null)[] }
  | { readonly what: 'profile'; readonly json: string };

const maps = new SourceMaps();

function answer(work: MappingWork): MappingAnswer {
  switch (work.what) {
    case 'places':
      return { what: 'places', places: work.places.map((place) => maps.find(place) ?? null) };
    case 'profile':
      return { what: 'profile', json: mapCpuProfile(work.json, maps) };
  }
}

parentPort?.on('message', ({ id, work }: MappingOrder) => {
  parentPort?.postMessage({ id, answer: answer(work) });
});
