import { type Command, InvalidArgumentError, Option } from 'commander';
import type { LabOptions } from '../lab/lab-server.ts';
import { helpTexts } from './help-texts.ts';
import { abortOnSignals } from './interruption.ts';

const DEFAULT_PORT = 5001;
const DEFAULT_HOST = '127.0.0.1';

/** Adds `prefork lab`: it runs until a signal ends it. */
export function addLabCommand(program: Command): void {
  program
    .command('lab')
    .summary('see the five modes side by side, in a page')
    .description(
      'Starts five servers that tell whether a number is prime, one in each mode, and serves a page that asks them long and short ' +
        'questions: which of them answer a short one while they compute a long one? Prints where the page is. Its servers end with it.',
    )
    .addOption(new Option('--port <port>', 'port of the page, 0 for any free one').argParser(readPort).default(DEFAULT_PORT))
    .addOption(new Option('--host <host>', 'address to listen on; the page answers as localhost alone').default(DEFAULT_HOST))
    .addHelpText('after', helpTexts(['prefork lab', 'prefork lab --port 8080']))
    .action(async (flags: LabOptions) => {
      // Before the servers are there: a signal that comes meanwhile ends them too.
      const signal = abortOnSignals();
      const { startLab } = await import('../lab/lab-server.ts');
      const lab = await startLab(flags);
      process.stdout.write(`lab on ${lab.link}\n`);
      await untilAborted(signal);
      await lab.close();
    });
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => {
    signal.addEventListener('abort', resolve, { once: true });
  });
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new InvalidArgumentError('expected a port from 0 to 65535');
}
