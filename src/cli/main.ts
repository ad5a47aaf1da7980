/**
 * The `prefork` command: parses, runs, and turns whatever happened into one line and an exit code. It is the one place that
 * exits the process. It owns no behaviour of a command; each has a file of its own.
 */
import { CommanderError } from 'commander';
import { surviveBrokenPipes } from './broken-pipe.ts';
import { errorLine } from './error-line.ts';
import { exitCodeOf } from './exit-codes.ts';
import { createProgram } from './program.ts';

surviveBrokenPipes();
// What gets here is a bug: nothing is known about the state any more, and the workers end with their primary.
process.on('uncaughtException', fail);

try {
  const program = await createProgram(process.argv.slice(2));
  await program.parseAsync();
  process.exit();
} catch (error) {
  // Help and version end as an error of commander's; nothing keeps the process, and so their output is written in full.
  if (error instanceof CommanderError) process.exitCode = error.exitCode;
  else fail(error);
}

function fail(error: unknown): void {
  const isDev = process.argv.includes('--dev');
  const code = exitCodeOf(error);
  process.exitCode = code;
  // The callback comes with an error too, so that a reader who went away does not keep the process.
  process.stderr.write(errorLine(error, isDev), () => process.exit(code));
}
