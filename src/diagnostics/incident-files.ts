/**
 * A JSON file for each incident in a folder of the operator's: bounded in number and size, and written so that a crash of this process,
 * or of the machine, leaves no half file. It never disturbs the server: what fails is told once.
 */
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../errors/prefork-error.ts';
import type { Incident } from './incident.ts';

export interface FileLimits {
  readonly files: number;
  readonly bytes: number;
}

const LIMITS: FileLimits = { files: 1000, bytes: 100 * 1024 ** 2 };
/** Incidents that wait to be written; more are not, while the disk can not follow. */
const MOST_WAITING = 100;
/** A file that was not finished for so long never will be. */
const STALE_MS = 60_000;
const NAME = /^incident-[\dTZ]+-[\da-z]{12}\.json$/;
const UNFINISHED = /^\.incident-[\dTZ]+-[\da-z]{12}\.json\.tmp$/;

export class IncidentFiles {
  readonly #folder: string;
  readonly #limits: FileLimits;
  readonly #onTrouble: (message: string) => void;
  /** By file name: of several states of one incident only the last counts. */
  readonly #waiting = new Map<string, Incident>();
  /** Size of each file, the oldest first; undefined until the folder was read. */
  #sizes: Map<string, number> | undefined;
  #troubled = false;
  #writing: Promise<void> | undefined;

  /** @param onTrouble called when incidents can not be written, once until they can be again */
  constructor(folder: string, onTrouble: (message: string) => void, limits: FileLimits = LIMITS) {
    this.#folder = folder;
    this.#onTrouble = onTrouble;
    this.#limits = limits;
  }

  write(incident: Incident): void {
    const name = nameOf(incident);
    if (this.#waiting.size >= MOST_WAITING && !this.#waiting.has(name)) {
      this.#tell(`more than ${MOST_WAITING} wait to be written`);
      return;
    }
    this.#waiting.set(name, incident);
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when all that was given is written. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined) break;
      const [name, incident] = first;
      this.#waiting.delete(name);
      try {
        // One after the other: they share a disk, and none is urgent.
        await this.#writeOne(name, `${JSON.stringify(incident, null, 2)}\n`);
        this.#troubled = false;
      } catch (error) {
        this.#tell(messageOf(error));
      }
    }
    this.#writing = undefined;
  }

  async #writeOne(name: string, text: string): Promise<void> {
    this.#sizes ??= await this.#readFolder();
    const unfinished = path.join(this.#folder, `.${name}.tmp`);
    // A request's URL is in it: for the eyes of the operator alone.
    const file = await open(unfinished, 'w', 0o600);
    try {
      await file.writeFile(text);
      // Else the name could reach the disk before the content.
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path.join(this.#folder, name));
    this.#sizes.delete(name);
    this.#sizes.set(name, Buffer.byteLength(text));
    await this.#keepLimits(this.#sizes);
  }

  /** What an earlier server left counts too; what it could not finish goes. */
  async #readFolder(): Promise<Map<string, number>> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const names = (await readdir(this.#folder)).toSorted();
    await Promise.all(names.filter((name) => UNFINISHED.test(name)).map((name) => this.#removeStale(name)));
    const own = names.filter((name) => NAME.test(name));
    const sizes = await Promise.all(own.map(async (name) => (await stat(path.join(this.#folder, name))).size));
    return new Map(own.map((name, index) => [name, sizes[index] ?? 0]));
  }

  /** Another server may share the folder, and be about to finish its file. */
  async #removeStale(name: string): Promise<void> {
    const file = path.join(this.#folder, name);
    const { mtimeMs } = await stat(file);
    if (Date.now() - mtimeMs > STALE_MS) await rm(file, { force: true });
  }

  async #keepLimits(sizes: Map<string, number>): Promise<void> {
    let bytes = 0;
    for (const size of sizes.values()) bytes += size;
    const surplus: string[] = [];
    for (const [name, size] of sizes) {
      if (sizes.size - surplus.length <= this.#limits.files && bytes <= this.#limits.bytes) break;
      surplus.push(name);
      bytes -= size;
    }
    for (const name of surplus) sizes.delete(name);
    await Promise.all(surplus.map((name) => rm(path.join(this.#folder, name), { force: true })));
  }

  #tell(why: string): void {
    if (this.#troubled) return;
    this.#troubled = true;
    this.#onTrouble(`incidents are not written to ${this.#folder}: ${why}`);
  }
}

/** The names sort by time. */
function nameOf({ at, id }: Incident): string {
  return `incident-${at.replaceAll(/[-:.]/g, '')}-${id}.json`;
}
