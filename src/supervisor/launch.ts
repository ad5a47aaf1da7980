/**
 * How the process of a worker is started, so that it leads a process group: one signal reaches what its handler starts, and no Ctrl-C
 * reaches it. Node can give it a session of its own for that, and nothing less. Where Linux schedules sessions as groups (autogroup, sched(7)), that
 * takes from the kernel what it needs to let a short task interrupt a long one at once: among groups no priority does that. There
 * Perl, which Debian and most others have as a part of the base system, makes the group and becomes the worker.
 *
 * A session with a terminal is left all the same: a program that asks for a password there would be stopped, for it is in the background.
 */
import { existsSync, readFileSync } from 'node:fs';

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** It gets a session of its own. */
  readonly detached: boolean;
}

const PERL = '/usr/bin/perl';
/** Perl is told not to complain about a locale that is not there, and its successor is not. */
const QUIET = 'PERL_BADLANG';
const SCRIPT = `setpgrp; delete $ENV{${QUIET}}; exec { $ARGV[0] } @ARGV; exit 127`;

/** Whether the priority of a process counts only among those of its session. */
export function areSessionsGroups(): boolean {
  return read('/proc/sys/kernel/sched_autogroup_enabled').trim() === '1';
}

/** @param env that of the worker */
export function launch(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Launch {
  const mayStay = areSessionsGroups() && existsSync(PERL) && !hasTerminal();
  // What Perl would heed is the user's, and meant for other programs.
  if (!mayStay || Object.keys(env).some((name) => name.startsWith('PERL'))) return { command, args, env, detached: true };
  return { command: PERL, args: ['-e', SCRIPT, command, ...args], env: { ...env, [QUIET]: '0' }, detached: false };
}

/** proc_pid_stat: after the name, which may hold blanks and brackets, come state, parent, group, session and terminal. */
function hasTerminal(): boolean {
  const stat = read('/proc/self/stat');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[4] !== '0';
}

/** There is no such file on other systems. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
