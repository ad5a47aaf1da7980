import type { Command } from 'commander';
import { PreforkError } from '../errors/prefork-error.ts';
import { errorLine } from './error-line.ts';
import { type ExitCode, exitCodeOf } from './exit-codes.ts';
import { helpTexts } from './help-texts.ts';
import { addServeFlags, readServeFlags } from './serve-flags.ts';

const EXAMPLES = [
  'prefork serve server.js',
  'prefork serve server.js --port 8080 --host 0.0.0.0',
  'prefork serve server.js --mode fork --deadline 5s --max-memory 512MB',
  'PORT=8080 WEB_CONCURRENCY=16 prefork serve server.js --config production.config.js',
];

/** Adds `prefork serve ENTRY`: it serves until the server has ended, then sets the exit code. */
export function addServeCommand(program: Command): void {
  const command = program
    .command('serve')
    .summary('serve a handler over HTTP')
    .description(
      'Serves the handler that ENTRY exports. Options come from flags, then the environment, then the config file, then defaults. ' +
        'Durations need a unit: 500ms, 30s, 5m, 1h; sizes too: 64KB, 512MB, 1GB, where 1KB is 1,024 bytes.',
    )
    .argument('<entry>', 'module that exports the handler')
    .addHelpText('after', helpTexts(EXAMPLES));
  addServeFlags(command);
  command.action(async (entry: string) => {
    process.exitCode = await serveUntilClosed(entry, command);
  });
}

async function serveUntilClosed(entry: string, command: Command): Promise<ExitCode> {
  const flags = readServeFlags(command);
  // Help, and the refusal of a wrong flag, shall not wait until the whole server is loaded.
  const [{ serve }, { closeOnSignals }] = await Promise.all([import('../server/serve.ts'), import('../server/signals.ts')]);
  const server = await orEndOf(entry, serve({ entry, ...flags }, { explicitSource: 'flag' }));
  // Before the line: who reads it may send a signal at once.
  closeOnSignals(server);
  process.stdout.write(`listening on ${server.url}\n`);
  const { url, token } = server.admin;
  if (url !== null && token !== null) process.stdout.write(`admin on ${url}/#token=${token}\n`);
  const { lost } = await server.closed;
  return lost > 0 ? 5 : 0;
}

/**
 * In mode blocking the module is loaded in this very process. It may end it, or wait for what never comes, and then the process
 * would end without a word, and with a code of its own.
 */
async function orEndOf<T>(entry: string, start: Promise<T>): Promise<T> {
  const onExit = (): void => {
    const error = new PreforkError('ERR_BOOT_EXIT', `${entry}: the process ended while it booted, expected a module that loads`);
    process.stderr.write(errorLine(error, false));
    process.exitCode = exitCodeOf(error);
  };
  const forget = (): void => void process.off('exit', onExit);
  process.once('exit', onExit);
  // A bug has a line of its own.
  process.once('uncaughtExceptionMonitor', forget);
  try {
    return await start;
  } finally {
    forget();
    process.off('uncaughtExceptionMonitor', forget);
  }
}
