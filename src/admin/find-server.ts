/** How a command finds the server that it is meant for. */
import { lstatSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { PreforkError } from '../errors/prefork-error.ts';
import type { State } from './api.ts';
import { AdminClient, Silence } from './client.ts';
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

/** Somebody listens on its socket, and does not answer. */
interface Silent {
  readonly socket: string;
}

/** Longer than a primary's event loop ever takes. */
const ANSWER_MS = 3000;

/** @throws PreforkError ERR_NO_SERVER when there is none, or more than one to choose from */
export async function findServer({ socket, port, url }: ServerChoice): Promise<AdminClient> {
  if (socket !== undefined) return new AdminClient({ socket });
  if (url !== undefined) return new AdminClient(targetOf(url));
  const servers = await listeningServers();
  // One that is silent may be the one that is meant, unless a port tells.
  const candidates =
    port === undefined ? servers : servers.filter((server) => 'state' in server && portOf(server.state) === port);
  const found = candidates.find((server) => 'state' in server);
  if (found === undefined) {
    const does = servers.length === 0 ? 'runs' : 'answers';
    const what = port === undefined ? `no server of yours ${does} here` : `no server of yours serves port ${port}`;
    throw new PreforkError(
      'ERR_NO_SERVER',
      `${what}${listed(servers)}; start one with prefork serve, or name its socket by --socket`,
    );
  }
  if (candidates.length > 1)
    throw new PreforkError(
      'ERR_NO_SERVER',
      `several servers run here${listed(candidates)}; choose one by --port, --socket or --url`,
    );
  return found.client;
}

function portOf({ server }: State): number {
  return Number(new URL(server.url).port || 80);
}

function listed(servers: readonly (Found | Silent)[]): string {
  if (servers.length === 0) return '';
  return ` (there ${servers.length === 1 ? 'is' : 'are'} ${servers.map(describe).join('; ')})`;
}

function describe(found: Found | Silent): string {
  if (!('state' in found))
    return `one at ${found.socket} that does not answer: it is stopped, or computes itself (mode blocking)`;
  const { pid, url, entry } = found.state.server;
  return `pid ${pid} on ${url} with ${path.basename(entry)}`;
}

function targetOf(url: URL): { host: string; port: number; token: string | undefined } {
  const token = new URLSearchParams(url.hash.slice(1)).get('token') ?? process.env['PREFORK_TOKEN'];
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 80), token: token || undefined };
}

/** Those of this user with a socket in the usual place, by pid. */
async function listeningServers(): Promise<(Found | Silent)[]> {
  const uid = process.getuid?.() ?? 0;
  const folder = socketFolder(process.env, uid);
  const sockets = socketsIn(folder, uid).toSorted((one, other) => Number.parseInt(one, 10) - Number.parseInt(other, 10));
  const found = await Promise.all(sockets.map((name) => ask(path.join(folder, name))));
  return found.filter((server) => server !== undefined);
}

/** Whoever can write to the folder decides to whom we talk. */
function socketsIn(folder: string, uid: number): string[] {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isDirectory()) return [];
  if (stats.uid !== uid) throw untrusted(folder, 'belongs to another user');
  if ((stats.mode & 0o022) !== 0) throw untrusted(folder, 'can be written by others');
  return readdirSync(folder).filter((name) => name.endsWith('.sock'));
}

function untrusted(folder: string, why: string): PreforkError {
  return new PreforkError('ERR_NO_SERVER', `${folder} ${why}, so that nothing in it can be trusted; name a socket by --socket`);
}

async function ask(socket: string): Promise<Found | Silent | undefined> {
  const client = new AdminClient({ socket });
  try {
    return { client, state: await client.get<State>('/api/state', { timeoutMs: ANSWER_MS }) };
  } catch (error) {
    // What else goes wrong was left by a server that was killed, or is one that is just ending.
    return error instanceof Error && error.cause instanceof Silence ? { socket } : undefined;
  }
}
