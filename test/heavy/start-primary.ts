import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { endsWithTest } from '../support/ends-with-test.ts';
import { Family } from '../support/family.ts';
import { readProcess } from '../support/processes.ts';
import { until } from '../support/until.ts';
import type { Answers, PrimaryOptions, Question } from './primary-process.ts';

const SCRIPT = fileURLToPath(new URL('primary-process.js', import.meta.url));
/** Beyond this it hangs, also on a machine that is busy with other tests. */
const HUNG_MS = 60_000;

/** A primary in a process of its own that answers questions about itself; `await using` ends it and checks that nothing is left. */
export class Primary implements AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #family: Family;
  readonly #answers: Answered;

  constructor(url: string, child: ChildProcess, family: Family, answers: Answered) {
    this.url = url;
    this.pid = child.pid ?? 0;
    this.#child = child;
    this.#family = family;
    this.#answers = answers;
  }

  /** Asks one thing at a time. */
  async ask<Q extends Question>(question: Q): Promise<Answers[Q]> {
    this.#child.send(question);
    const { answer } = await this.#answers.next(question);
    return answer as Answers[Q];
  }

  /** Ends the server in good order, and rejects if its process does not end by itself then, or ends with another code than 0. */
  async close(): Promise<void> {
    this.#family.live();
    await this.ask('close');
    await until(() => this.#child.exitCode === 0, {
      describe: () => `the primary to end with code 0; it has ${this.#child.exitCode}, ${this.#child.signalCode}`,
      withinMs: HUNG_MS,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) {
      this.#family.live();
      this.#child.kill('SIGKILL');
    }
    await this.#family.ended();
  }
}

/** Starts a primary in-process, so that its heap and its event loop can be asked for, and resolves when it listens. */
export async function startPrimary(options: PrimaryOptions): Promise<Primary> {
  const mark = { name: 'TEST_PRIMARY_MARK', value: randomUUID() };
  const child = fork(SCRIPT, [JSON.stringify({ host: '127.0.0.1', port: 0, logLevel: 'silent', ...options })], {
    // V8 throws away the bytecode of functions that have not run for a while: 3 MB more or less, by chance.
    execArgv: ['--expose-gc', '--no-flush-bytecode', '--disable-warning=ExperimentalWarning'],
    // Coverage would be memory and time of the processes that are measured here.
    env: { ...process.env, NODE_V8_COVERAGE: undefined, NODE_TEST_CONTEXT: undefined, [mark.name]: mark.value },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    detached: true,
  });
  endsWithTest(child);
  const head = readProcess(child.pid ?? 0);
  if (head === null) throw new Error('the primary could not be started');
  const answers = new Answered(child);
  const { answer } = await answers.next('url');
  return new Primary(String(answer), child, new Family(head, `${mark.name}=${mark.value}`), answers);
}

interface Answer {
  readonly question: string;
  readonly answer: unknown;
}

/** The answers of a child in the order of their arrival. */
class Answered {
  readonly #child: ChildProcess;
  readonly #come: Answer[] = [];

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (message) => this.#come.push(message as Answer));
  }

  async next(question: string): Promise<Answer> {
    return until(
      () => {
        const answer = this.#come.shift();
        if (answer !== undefined && answer.question !== question) throw new Error(`"${question}" got ${JSON.stringify(answer)}`);
        return answer;
      },
      { describe: () => `an answer to "${question}"; exit code ${this.#child.exitCode}`, withinMs: HUNG_MS },
    );
  }
}
