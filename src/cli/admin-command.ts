import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AdminClient } from '../admin/client.ts';
import { helpTexts } from './help-texts.ts';
import { abortOnSignals } from './interruption.ts';

/** A command that speaks to a running server. */
export interface AdminCommandTexts {
  /** As commander wants it: `trace <pid>`. */
  readonly usage: string;
  readonly summary: string;
  readonly description: string;
  readonly examples: readonly string[];
}

export interface AdminCall<Flags> {
  readonly client: AdminClient;
  /** The arguments in turn. */
  readonly words: readonly string[];
  readonly flags: Flags & { readonly json?: true };
  /** Aborts at Ctrl-C, SIGTERM and SIGHUP. A command that takes it ends in order by itself; the others end at once, as any process does. */
  readonly signal: AbortSignal;
}

interface CommonFlags {
  readonly socket?: string;
  readonly port?: number;
  readonly url?: URL;
}

/** Adds a command with the flags by which all of them choose a server. */
export function addAdminCommand<Flags extends object = object>(
  program: Command,
  texts: AdminCommandTexts,
  run: (call: AdminCall<Flags>) => Promise<void>,
  addFlags: (command: Command) => void = () => {},
): void {
  const command = program
    .command(texts.usage)
    .summary(texts.summary)
    .description(texts.description)
    .addHelpText('after', helpTexts(texts.examples));
  // Before a server is looked for: what is wrong with the words themselves comes first.
  for (const argument of command.registeredArguments) {
    const read = READ_WORD[argument.name()];
    if (read !== undefined) argument.argParser(read);
  }
  addFlags(command);
  addServerFlags(command);
  command.addOption(new Option('--json', 'print what the server answered, as JSON'));
  command.action(async () => {
    const flags = command.opts<Flags & CommonFlags>();
    const { findServer } = await import('../admin/find-server.ts');
    const client = await findServer(flags);
    let signal: AbortSignal | undefined;
    await run({
      client,
      words: command.args,
      flags,
      get signal() {
        return (signal ??= abortOnSignals());
      },
    });
  });
}

function addServerFlags(command: Command): void {
  command.addOption(new Option('--port <port>', 'the server that serves this port').argParser(readPort));
  command.addOption(new Option('--socket <file>', 'the server with this admin socket'));
  command.addOption(
    new Option(
      '--url <url>',
      'the server with this admin address, as it printed it; the token is taken from its end, or from PREFORK_TOKEN',
    ).argParser(readUrl),
  );
}

export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** The path of what is asked of a worker. */
export function workerPath(word: string | undefined, action: string): string {
  return `/api/workers/${word ?? ''}/${action}`;
}

const MOST_WORKERS = 4096;

/** What the arguments of commands may be, by name. */
const READ_WORD: Readonly<Record<string, (word: string) => string>> = {
  pid: (word) => {
    if (/^w?[1-9]\d{0,9}$/.test(word)) return word;
    throw new InvalidArgumentError('expected a pid such as 4711, or w and an id such as w3, as prefork ps shows them');
  },
  id: (word) => {
    if (/^[\da-z]{12}$/.test(word)) return word;
    throw new InvalidArgumentError('expected 12 characters of 0 to 9 and a to z, as prefork incidents shows them');
  },
  n: (word) => {
    if (/^\d{1,4}$/.test(word) && Number(word) >= 1 && Number(word) <= MOST_WORKERS) return word;
    throw new InvalidArgumentError(`expected a whole number from 1 to ${MOST_WORKERS}`);
  },
};

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError('expected a port from 1 to 65535');
}

function readUrl(text: string): URL {
  try {
    const url = new URL(text);
    if (url.protocol === 'http:') return url;
  } catch {
    // Said below.
  }
  throw new InvalidArgumentError('expected an address such as http://127.0.0.1:5001/#token=…');
}
