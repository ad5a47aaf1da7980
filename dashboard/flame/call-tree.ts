/** A .cpuprofile of V8 as a tree of calls with times. Pure; what the file says is checked, for it comes out of a worker. */

export type Origin = 'user' | 'dependency' | 'node' | 'prefork' | 'none';

export interface Call {
  readonly name: string;
  /** File and line, or what V8 says in their place. */
  readonly place: string;
  readonly origin: Origin;
  readonly selfMs: number;
  /** With all that it called. */
  readonly totalMs: number;
  readonly depth: number;
  /** Where it begins on the axis of the time that was spent, ms. */
  readonly startMs: number;
  readonly parent: Call | null;
  /** The longest first. */
  readonly children: readonly Call[];
}

export interface CallTree {
  readonly root: Call;
  /** Each before those that it calls. */
  readonly calls: readonly Call[];
  readonly deepest: number;
  /** Of the time that was sampled, how much nothing ran. */
  readonly idleMs: number;
}

interface Node {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

/** Less is told as nothing. */
const LEAST_MS = 0.05;

/** V8 gives the time in which nothing runs as a function of its own. */
const IDLE = '(idle)';

/** @throws Error in one line when it is no profile */
export function readCallTree(text: string): CallTree {
  const profile = JSON.parse(text) as { nodes?: Node[]; samples?: number[]; timeDeltas?: number[] };
  const { nodes, samples, timeDeltas } = profile;
  if (!Array.isArray(nodes) || !Array.isArray(samples) || !Array.isArray(timeDeltas) || nodes.length === 0)
    throw new Error('found no nodes, samples and timeDeltas in what the worker sent, expected a .cpuprofile');
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const selfMs = new Map<number, number>();
  for (const [index, id] of samples.entries()) selfMs.set(id, (selfMs.get(id) ?? 0) + Math.max(0, timeDeltas[index] ?? 0) / 1000);
  const idle = nodes.find(({ callFrame }) => callFrame.functionName === IDLE);
  const idleMs = idle === undefined ? 0 : (selfMs.get(idle.id) ?? 0);
  if (idle !== undefined) selfMs.delete(idle.id);
  const totals = totalsOf(nodes, byId, selfMs);
  return build({ ownRoot: ownRootOf(nodes), byId, selfMs, totals }, nodes[0] as Node, idleMs);
}

interface Times {
  /** The folder that prefork was loaded from; undefined when the profile does not tell. */
  readonly ownRoot: string | undefined;
  readonly byId: ReadonlyMap<number, Node>;
  readonly selfMs: ReadonlyMap<number, number>;
  readonly totals: ReadonlyMap<number, number>;
}

/** A child comes after its parent in what V8 writes: from the end, each is complete when it is added to its parent. */
function totalsOf(nodes: readonly Node[], byId: ReadonlyMap<number, Node>, selfMs: ReadonlyMap<number, number>) {
  const totals = new Map<number, number>();
  for (const { id, children = [] } of nodes.toReversed()) {
    const below = children.reduce((sum, child) => sum + (byId.has(child) ? (totals.get(child) ?? 0) : 0), 0);
    totals.set(id, (selfMs.get(id) ?? 0) + below);
  }
  return totals;
}

type Growing = { -readonly [Key in keyof Call]: Call[Key] } & { children: Growing[] };

function build(times: Times, first: Node, idleMs: number): CallTree {
  const calls: Call[] = [];
  let deepest = 0;
  const root = callOf(times, first, null, 0);
  const open: { readonly call: Growing; readonly node: Node }[] = [{ call: root, node: first }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { call, node } = next;
    calls.push(call);
    deepest = Math.max(deepest, call.depth);
    let startMs = call.startMs;
    const below = (node.children ?? []).map((id) => times.byId.get(id)).filter((child) => child !== undefined);
    for (const child of below.toSorted((one, other) => (times.totals.get(other.id) ?? 0) - (times.totals.get(one.id) ?? 0))) {
      const made = callOf(times, child, call, startMs);
      if (made.totalMs <= 0) continue;
      startMs += made.totalMs;
      call.children.push(made);
      open.push({ call: made, node: child });
    }
  }
  return { root, calls, deepest, idleMs };
}

function callOf({ ownRoot, selfMs, totals }: Times, { id, callFrame }: Node, parent: Growing | null, startMs: number): Growing {
  const { functionName, url, lineNumber } = callFrame;
  return {
    name: functionName === '' ? '(anonymous)' : functionName,
    place: url === '' ? '' : `${url.replace('file://', '')}:${lineNumber + 1}`,
    origin: originOf(url, ownRoot),
    selfMs: selfMs.get(id) ?? 0,
    totalMs: totals.get(id) ?? 0,
    depth: parent === null ? 0 : parent.depth + 1,
    startMs,
    parent,
    children: [],
  };
}

function originOf(url: string, ownRoot: string | undefined): Origin {
  if (url === '') return 'none';
  if (ownRoot !== undefined && url.startsWith(ownRoot)) return 'prefork';
  if (url.startsWith('node:')) return 'node';
  return url.includes('/node_modules/') ? 'dependency' : 'user';
}

/** What every worker has on its stack: its own loop, and the channel that feeds it. */
const WORKER_FILE = /^(.*\/(?:src|dist)\/)worker\/worker\.[jt]s$/;
const CHANNEL_FILE = /^(.*\/(?:src|dist)\/)channel\/link\.[jt]s$/;

function ownRootOf(nodes: readonly Node[]): string | undefined {
  const rootsIn = (pattern: RegExp): (string | undefined)[] => nodes.map(({ callFrame }) => pattern.exec(callFrame.url)?.[1]);
  const channel = new Set(rootsIn(CHANNEL_FILE));
  return rootsIn(WORKER_FILE).find((root) => root !== undefined && channel.has(root));
}

export interface Heavy {
  readonly name: string;
  readonly place: string;
  readonly origin: Origin;
  readonly selfMs: number;
  readonly totalMs: number;
}

/** The functions in which the time was spent, wherever they were called from; the heaviest first. */
export function heaviest({ calls }: CallTree, most: number): Heavy[] {
  const byPlace = new Map<string, { name: string; place: string; origin: Origin; selfMs: number; totalMs: number }>();
  for (const call of calls) {
    if (call.parent === null) continue;
    const key = `${call.name} ${call.place}`;
    const known = byPlace.get(key) ?? { name: call.name, place: call.place, origin: call.origin, selfMs: 0, totalMs: 0 };
    known.selfMs += call.selfMs;
    if (!isBelowItself(call)) known.totalMs += call.totalMs;
    byPlace.set(key, known);
  }
  const some = [...byPlace.values()].filter(({ selfMs }) => selfMs >= LEAST_MS);
  return some.toSorted((one, other) => other.selfMs - one.selfMs).slice(0, most);
}

/** The time of a function that calls itself counts once. */
function isBelowItself({ name, place, parent }: Call): boolean {
  for (let above = parent; above !== null; above = above.parent) if (above.name === name && above.place === place) return true;
  return false;
}
