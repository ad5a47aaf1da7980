import { writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServeOptions } from '../../src/config/serve-options.ts';
import { type PreforkServer, serve } from '../../src/server/serve.ts';
import { createProject, type Project } from '../compile/project.ts';
import { type FullResponse, get } from '../support/http.ts';

/**
 * A handler that answers with the number of its code and its pid, such as `3 4711`. /hold says `holding` on stdout, and answers when there
 * is a file `go`; /never never settles.
 */
export function codeOf(generation: number | string, more = ''): string {
  return `
    import { existsSync } from 'node:fs';
    import { threadId } from 'node:worker_threads';
    ${more}
    const code = ${JSON.stringify(String(generation))};
    export default async function handle(request) {
      const { pathname } = new URL(request.url);
      if (pathname === '/never') await new Promise(() => {});
      if (pathname === '/hold') {
        console.log('holding');
        while (!existsSync(new URL('go', 'file://' + process.env.GO_FOLDER + '/'))) await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return new Response(code + ' ' + process.pid + '.' + threadId);
    }
  `;
}

/** A project whose handler can be given other code. */
export interface App {
  readonly project: Project;
  readonly entry: string;
  change(generation: number | string, more?: string): Promise<void>;
  /** Lets those go on that hold. */
  go(): Promise<void>;
}

export async function createApp(t: TestContext, name = 'app.mjs'): Promise<App> {
  const project = await createProject(t, { [name]: codeOf(1) });
  process.env['GO_FOLDER'] = project.folder;
  return {
    project,
    entry: project.path(name),
    change: (generation, more) => project.write(name, codeOf(generation, more)),
    go: () => writeFile(project.path('go'), ''),
  };
}

export async function serveApp(t: TestContext, app: App, options: Omit<ServeOptions, 'entry'>): Promise<PreforkServer> {
  const server = await serve({ entry: app.entry, port: 0, logLevel: 'silent', ...options });
  t.after(() => server.close({ force: true }));
  return server;
}

/** The number of the code that answers. */
export async function generationAt(url: string, path = '/'): Promise<number> {
  return Number.parseInt((await get(url + path)).text(), 10);
}

export interface Load {
  readonly answered: number;
  /** Whatever was not an answer with status 200. */
  readonly failures: readonly string[];
  /** Answers with older code than that which was said to serve before they were asked for. */
  readonly stale: number;
  /** From now on no older code may answer. */
  serves(generation: number): void;
  stop(): Promise<void>;
}

/** Milliseconds between an answer and the next question of a client: without it most of the CPU time would go into the questions. */
const PAUSE_MS = 3;

/** Asks again and again, on connections that are kept and on new ones. */
export function startLoad(url: string, { kept, fresh }: { readonly kept: number; readonly fresh: number }): Load {
  const failures: string[] = [];
  const agents = Array.from({ length: kept }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  const state = { answered: 0, stale: 0, least: 1, stopped: false };

  const take = (answer: FullResponse, atLeast: number): void => {
    state.answered += 1;
    const text = answer.text();
    if (answer.status !== 200) failures.push(`${answer.status} ${text}`);
    else if (Number.parseInt(text, 10) < atLeast) state.stale += 1;
  };
  const ask = async (agent: Agent | undefined): Promise<void> => {
    while (!state.stopped) {
      const atLeast = state.least;
      try {
        take(await get(url, agent === undefined ? {} : { agent }), atLeast);
      } catch (error) {
        failures.push(String(error));
      }
      await delay(PAUSE_MS);
    }
  };
  const clients = [...agents, ...Array.from<undefined>({ length: fresh })].map(ask);
  return {
    get answered() {
      return state.answered;
    },
    failures,
    get stale() {
      return state.stale;
    },
    serves: (generation) => {
      state.least = generation;
    },
    stop: async () => {
      state.stopped = true;
      await Promise.all(clients);
      for (const agent of agents) agent.destroy();
    },
  };
}
