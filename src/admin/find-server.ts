/** How a command finds the server that it is meant for. */
import { lstatSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { PreforkError } from '../errors/prefork-error.ts';
import type { State } from './api.ts';
import { AdminClient } from './client.ts';
import { socketFolder } from './socket-folder.ts';

export interface ServerChoice {
  /** Path of its socket. */
  readonly socket?: string | undefined;
  /** The port that it serves on. */
  readonly port?: number | undefined;
  /** What it printed as `admin on URL`, with the token in the fragment. */
  readonly url?: URL | undefined;
}

interface Found {
  readonly client: AdminClient;
  readonly state: State;
}

/** Longer than a primary's event loop ever takes, short enough to wait for one that was stopped. */
const ANSWER_MS = 3000;
const HOW_TO_CHOOSE = 'choose one by --port, --socket or --url';

/** @throws PreforkError ERR_NO_SERVER when there is none, or more than one to choose from */
export async function findServer({ socket, port, url }: ServerChoice): Promise<AdminClient> {
  if (socket !== undefined) return new AdminClient({ socket });
  if (url !== undefined) return new AdminClient(targetOf(url));
  const servers = await runningServers();
  const chosen = port === undefined ? servers : servers.filter(({ state }) => Number(new URL(state.server.url).port) === port);
  const [only, ...others] = chosen;
  if (only === undefined) {
    const what = port === undefined ? 'no server of yours runs here' : `no server of yours serves port ${port}`;
    throw new PreforkError(
      'ERR_NO_SERVER',
      `${what}${listed(servers)}; start one with prefork serve, or name its socket by --socket`,
    );
  }
  if (others.length > 0) throw new PreforkError('ERR_NO_SERVER', `several servers run here${listed(chosen)}; ${HOW_TO_CHOOSE}`);
  return only.client;
}

function listed(servers: readonly Found[]): string {
  if (servers.length === 0) return '';
  const names = servers.map(({ state: { server } }) => `pid ${server.pid} on ${server.url} with ${path.basename(server.entry)}`);
  return ` (there are ${names.join('; ')})`;
}

function targetOf(url: URL): { host: string; port: number; token: string | undefined } {
  const token = new URLSearchParams(url.hash.slice(1)).get('token') ?? process.env['PREFORK_TOKEN'];
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 80), token: token || undefined };
}

/** Those that answer, of this user, with a socket in the usual place. */
async function runningServers(): Promise<Found[]> {
  const uid = process.getuid?.() ?? 0;
  const folder = socketFolder(process.env, uid);
  const found = await Promise.all(socketsIn(folder, uid).map((name) => ask(path.join(folder, name))));
  return found.filter((server) => server !== undefined);
}

/** Whoever owns the folder decides to whom we talk. */
function socketsIn(folder: string, uid: number): string[] {
  let owner: number;
  try {
    const stats = lstatSync(folder);
    if (!stats.isDirectory()) return [];
    owner = stats.uid;
  } catch {
    return [];
  }
  if (owner !== uid)
    throw new PreforkError(
      'ERR_NO_SERVER',
      `${folder} belongs to another user, so that nothing in it can be trusted; name a socket by --socket`,
    );
  return readdirSync(folder).filter((name) => name.endsWith('.sock'));
}

async function ask(socket: string): Promise<Found | undefined> {
  const client = new AdminClient({ socket });
  try {
    return { client, state: await client.get<State>('/api/state', { timeoutMs: ANSWER_MS }) };
  } catch {
    // Left by a server that was killed, or one that is just ending.
    return undefined;
  }
}
