/**
 * The lab: five servers, each in a process of its own, and what is asked of them. It owns their beginning and their end; who asks it, and
 * whether he may, is decided in `routes.ts` and `lab-server.ts`. It fails with a Refusal that says why, or with what a lane tells of itself.
 */
import { availableParallelism } from 'node:os';
import { Refusal } from '../admin/refusal.ts';
import { ServerSpawner } from '../supervisor/spawn-server.ts';
import type { LabMode, LabState } from './api.ts';
import { Lane } from './lane.ts';
import { readProcessTable } from './process-table.ts';
import { Story } from './story.ts';
import { MOST_LOADING } from './tabs.ts';

export const LAB_MODES: readonly LabMode[] = ['blocking', 'fork', 'pool', 'thread', 'cluster'];

/** Who computes reads nothing, and in these modes nobody else holds the connection: for minutes it would go on for nobody. */
const HEARS_OF_NO_LEAVE: ReadonlySet<LabMode> = new Set(['blocking', 'cluster']);

export class Lab {
  readonly #spawner = new ServerSpawner();
  readonly #lanes: ReadonlyMap<LabMode, Lane>;
  readonly #onChange: () => void;
  #story: Story | undefined;
  #playing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  /** @param onChange called whenever there is news; often */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
    this.#lanes = new Map(LAB_MODES.map((mode) => [mode, new Lane(mode, this.#spawner, onChange)]));
  }

  /** Starts all servers, beside each other. What does not start says so in its lane. */
  startAll(): void {
    for (const lane of this.#lanes.values()) lane.start().catch(() => undefined);
  }

  /** Looks at all processes, and asks the servers for their workers. */
  look(): void {
    const table = readProcessTable();
    for (const lane of this.#lanes.values()) {
      lane.look(table);
      lane.askWorkers();
    }
  }

  tell(): LabState {
    return {
      node: process.version,
      cpus: availableParallelism(),
      mostTabs: MOST_LOADING,
      lanes: [...this.#lanes.values()].map((lane) => lane.tell()),
      run: this.#story?.tell() ?? null,
    };
  }

  /**
   * Opens tabs, in one lane, or in each that serves.
   *
   * @returns how many
   * @throws Refusal 409 when a lane can take no more, or a story is played
   */
  ask(mode: LabMode | undefined, number: number, times: number): number {
    this.#refuseInStory();
    const lanes = mode === undefined ? [...this.#lanes.values()].filter((lane) => lane.isServing) : [this.#lane(mode)];
    if (lanes.length === 0) throw new Refusal(409, 'no server serves; start one first');
    if (lanes.some(({ loading }) => loading + times > MOST_LOADING))
      throw new Refusal(409, `${MOST_LOADING} tabs may load in a lane, and these would be more; close some first`);
    for (const lane of lanes) for (let count = 0; count < times; count += 1) lane.ask(number);
    return lanes.length * times;
  }

  /** Closes one tab of a lane, or all of a lane, or of every lane, which are forgotten then. @returns how many were loading */
  closeTabs(mode: LabMode | undefined, tab: number | undefined): number {
    this.#refuseInStory();
    if (mode === undefined) return [...this.#lanes.values()].reduce((count, lane) => count + lane.clear(), 0);
    if (tab === undefined) return this.#lane(mode).clear();
    return this.#lane(mode).closeTab(tab) ? 1 : 0;
  }

  /** Kills the primary of a lane. @returns its pid @throws Refusal 409 */
  kill(mode: LabMode): number {
    this.#refuseInStory();
    return this.#lane(mode).kill();
  }

  /** Starts the server of a lane. Resolves when it serves. */
  async start(mode: LabMode): Promise<void> {
    this.#refuseInStory();
    await this.#lane(mode).start();
  }

  /** Begins the story. @throws Refusal 409 when it is played already */
  run(): void {
    this.#refuseInStory();
    this.#story = new Story([...this.#lanes.values()], this.#onChange);
    this.#playing = this.#story.play();
    this.#onChange();
  }

  /** Ends the story. @returns whether there was one */
  async halt(): Promise<boolean> {
    const wasRunning = this.#story?.isRunning === true;
    this.#story?.halt();
    await this.#playing;
    return wasRunning;
  }

  /** Nobody looks any more: nothing is to be computed. */
  async rest(): Promise<void> {
    await this.halt();
    for (const lane of this.#lanes.values()) {
      const isBusy = lane.closeTabs() > 0;
      if (isBusy && HEARS_OF_NO_LEAVE.has(lane.mode)) lane.restart().catch(() => undefined);
    }
  }

  /** Ends everything. Resolves when no process of it is left. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    // It ends at the next thing that it asks of a lane.
    this.#story?.halt();
    await Promise.all([...this.#lanes.values()].map((lane) => lane.close()));
    this.#spawner.close();
  }

  #lane(mode: LabMode): Lane {
    const lane = this.#lanes.get(mode);
    if (lane === undefined) throw new Refusal(404, `there is no lane ${mode}`);
    return lane;
  }

  #refuseInStory(): void {
    if (this.#closing !== undefined) throw new Refusal(503, 'the lab is ending');
    if (this.#story?.isRunning === true) throw new Refusal(409, 'the story is played; halt it first');
  }
}
