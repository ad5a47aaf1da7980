import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { messageOf, PreforkError } from '../errors/prefork-error.ts';
import type { RawExit } from './decisions/life.ts';
import { workerEnvironment, workerExecArgv } from './environment.ts';
import { followChild } from './output.ts';
import { Sentinel } from './sentinel.ts';

const COMMAND = fileURLToPath(new URL('../cli/main.js', import.meta.url));
const END_WITH_PARENT = new URL('end-with-parent.js', import.meta.url).href;

export interface ServerEvents {
  /** One line of what the server printed, without its end. */
  onOutput(stream: 'stdout' | 'stderr', line: string): void;
  /** Called once, when the server itself is gone; its workers may have a moment left. */
  onExit(exit: RawExit): void;
}

/** A server in a process of its own. */
export interface SpawnedServer {
  readonly pid: number;
  /** Reaches the server alone, as `kill PID` does. Does nothing when it is gone. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): void;
  /** Ends it and all that it started, at once. */
  end(): void;
}

/**
 * Starts whole servers, as a user would: `prefork serve …`. What holds for workers holds for them: when this process is gone, however it went,
 * the sentinel ends each of them with all that it started, also one that computes and hears nothing; and each ends by itself when it can.
 */
export class ServerSpawner {
  readonly #sentinel = new Sentinel();

  /**
   * @param words what follows `prefork`
   * @param cwd where it is started; a config file there counts
   * @throws PreforkError ERR_SPAWN when the system refuses
   */
  spawn(words: readonly string[], cwd: string, events: ServerEvents): SpawnedServer {
    const child = boot(words, cwd);
    child.on('error', () => {});
    const { pid, stdout, stderr } = child;
    // The pipe of one that was killed breaks.
    child.stdio[3]?.on('error', () => {});
    if (pid === undefined || stdout === null || stderr === null)
      throw new PreforkError('ERR_SPAWN', 'the system refused to start a server (too many processes or no memory)');
    this.#sentinel.watch(pid);
    let isGone = false;
    // At once, and not after its last words: the number may be somebody else's by then.
    child.once('exit', () => {
      isGone = true;
      this.#sentinel.forget(pid);
    });
    followChild(child, stdout, stderr, {
      onOutput: (stream, line) => events.onOutput(stream, line),
      onExit: (exit) => events.onExit(exit),
    });
    return {
      pid,
      signal: (signal) => void child.kill(signal),
      end: () => {
        if (isGone) return;
        this.#sentinel.end(pid);
        child.kill('SIGKILL');
      },
    };
  }

  /** Called when no more servers will be started and all are gone. */
  close(): void {
    this.#sentinel.close();
  }
}

function boot(words: readonly string[], cwd: string): ChildProcess {
  try {
    return spawn(process.execPath, [...workerExecArgv(process.execArgv), '--import', END_WITH_PARENT, COMMAND, ...words], {
      cwd,
      // The last one tells the server, by its end, that we are gone.
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      env: serverEnvironment(process.env),
      // A session of its own: the Ctrl-C that is meant for us does not reach it.
      detached: true,
      windowsHide: true,
    });
  } catch (error) {
    throw new PreforkError('ERR_SPAWN', `the system refused to start a server: ${messageOf(error)}`, { cause: error });
  }
}

/** Without the options that are meant for servers of the user's own. */
function serverEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(workerEnvironment(environment)).filter(
    ([name]) => !name.startsWith('PREFORK_') && name !== 'PORT' && name !== 'WEB_CONCURRENCY',
  );
  return Object.fromEntries(kept);
}
