import { Command } from 'commander';
import { readVersion } from '../config/version.ts';
import { helpTexts } from './help-texts.ts';
import { usageError } from './usage-error.ts';

/** Each command is loaded when it is called: `prefork ps` shall not wait for the option table of `serve`. In the order of the help. */
const COMMANDS: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  serve: async () => (await import('./serve.ts')).addServeCommand,
  ps: async () => (await import('./ps.ts')).addPsCommand,
  top: async () => (await import('./top/command.ts')).addTopCommand,
  status: async () => (await import('./status.ts')).addStatusCommand,
  trace: async () => (await import('./trace.ts')).addTraceCommand,
  profile: async () => (await import('./profile.ts')).addProfileCommand,
  heap: async () => (await import('./heap.ts')).addHeapCommand,
  inspect: async () => (await import('./inspect.ts')).addInspectCommand,
  incidents: async () => (await import('./incidents.ts')).addIncidentsCommand,
  recycle: async () => (await import('./recycle.ts')).addRecycleCommand,
  kill: async () => (await import('./kill.ts')).addKillCommand,
  scale: async () => (await import('./scale.ts')).addScaleCommand,
  reload: async () => (await import('./reload.ts')).addReloadCommand,
  stop: async () => (await import('./stop.ts')).addStopCommand,
  lab: async () => (await import('./lab.ts')).addLabCommand,
};

export const COMMAND_NAMES: readonly string[] = Object.keys(COMMANDS);

/**
 * The command line of `prefork`. Parsing throws a CommanderError with exit code 0 after help and version, and a PreforkError
 * ERR_BAD_OPTION for wrong usage; it prints no error by itself and never exits.
 *
 * @param words what is to be parsed: when it begins with a command, that one alone is there
 */
export async function createProgram(words: readonly string[]): Promise<Command> {
  const program = new Command('prefork')
    .description('A Node.js server and process pool in which no request can block another one.')
    .version(readVersion(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', helpTexts(['prefork serve server.js --port 8080', 'prefork ps', 'prefork trace --help']))
    // Commander's own words for errors, and its help in place of one: main.ts prints one line instead.
    .configureOutput({ writeErr: () => undefined });
  for (const load of commandsFor(words[0])) {
    const add = await load();
    add(program);
  }
  throwInOurForm(program, 'prefork');
  return program;
}

/** Help, and the refusal of what is no command, name them all. */
function commandsFor(word = ''): readonly (() => Promise<(program: Command) => void>)[] {
  const called = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined;
  return called === undefined ? Object.values(COMMANDS) : [called];
}

function throwInOurForm(command: Command, path: string): void {
  command.exitOverride((error) => {
    throw error.exitCode === 0 ? error : usageError(error, command, path);
  });
  for (const child of command.commands) throwInOurForm(child, `${path} ${child.name()}`);
}
