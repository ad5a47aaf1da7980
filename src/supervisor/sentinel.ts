import { type ChildProcess, spawn } from 'node:child_process';
import { publish } from '../events/events.ts';
import { PERL } from './priority.ts';

/**
 * A shell of 1 MB that waits for the primary to die, and then kills what is left of its workers. The watchdogs do that from
 * inside and with more care, so they get a moment; the sentinel is for the workers that have no running watchdog: those
 * that still boot, and those that are stopped (SIGSTOP, a debugger) and would otherwise wait for ever.
 *
 * It reads "+ PID" and "- PID" lines, and on "! PID" it ends that worker at once; "i PID", "o PID" and "s PID NS" change by which policy, and in what
 * slices, its main thread is scheduled, which Node can not, and for which a fork of a shell costs less than one of the primary. The end of its input means that the primary is gone, for whatever reason. What the
 * handler started is found through /proc (see `worker/kill-tree.ts`), by the shell alone: a fork for each would take too long.
 */
const SCRIPT = `
tree() {
  for file in /proc/$1/task/*/children; do
    kids=
    read -r kids < "$file"
    for kid in $kids; do
      all="$all $kid"
      tree "$kid"
    done
  done
}
end() {
  all=
  tree "$1"
  kill -s KILL -- "-$1" "$1" $all
}
slice='($call, $pid, $ns) = @ARGV;
  syscall($call + 0, $pid + 0, pack("LLQlLQQQ", 48, 0, 0, getpriority(0, $pid), 0, $ns, 0, 0), 0)'
pids=' '
exec 2>/dev/null
while read -r op pid ns; do
  case $op in
    +) pids="$pids$pid " ;;
    !) end "$pid" ;;
    i) chrt -i -p 0 "$pid" ;;
    o) chrt -o -p 0 "$pid" ;;
    s) ${PERL} -e "$slice" "$1" "$pid" "$ns" ;;
    -) case $pids in *" $pid "*) pids="\${pids%% $pid *} \${pids#* $pid }" ;; esac ;;
  esac
done
[ "$pids" = ' ' ] && exit 0
sleep 0.15
for pid in $pids; do end "$pid"; done
exit 0
`;

/**
 * Who has more CPU time due than he got is preferred to who wakes up, until the end of his slice. Of a process of the lowest priority a tick of the clock (1 to 4 ms) is that
 * much; so its slice must be longer than one. Measured in docs/decisions/0006-demotion.md.
 */
const LONG_SLICE_NS = 6_000_000;
/** That of the system. */
const USUAL_SLICE_NS = 0;

export class Sentinel {
  readonly #callForSlices: number | undefined;
  readonly #pids = new Set<number>();
  #shell: ChildProcess | undefined;
  #closed = false;
  #failures = 0;

  /** @param callForSlices the number of sched_setattr(2), where it can be called */
  constructor(callForSlices?: number) {
    this.#callForSlices = callForSlices;
  }

  watch(pid: number): void {
    this.#pids.add(pid);
    if (this.#shell === undefined) this.#start();
    else this.#say(`+ ${pid}`);
  }

  /** Must be called as soon as the process is gone: its number may come back as somebody else's. */
  forget(pid: number): void {
    if (this.#pids.delete(pid)) this.#say(`- ${pid}`);
  }

  /** Ends a worker and all that it started, wherever that went, if it is watched. */
  end(pid: number): void {
    if (this.#pids.has(pid)) this.#say(`! ${pid}`);
  }

  /** The policy of its main thread: SCHED_IDLE or SCHED_OTHER. Where there is no chrt(1), or the system refuses, nothing changes. */
  setIdle(pid: number, isIdle: boolean): void {
    if (this.#pids.has(pid)) this.#say(`${isIdle ? 'i' : 'o'} ${pid}`);
  }

  /** The slices in which its main thread gets a CPU: long or usual ones. Any other process leaves it no CPU when it wakes up. */
  setSlice(pid: number, isLong: boolean): void {
    if (this.#pids.has(pid)) this.#say(`s ${pid} ${isLong ? LONG_SLICE_NS : USUAL_SLICE_NS}`);
  }

  close(): void {
    this.#closed = true;
    this.#shell?.stdin?.end();
  }

  #start(): void {
    if (this.#closed || process.platform === 'win32' || this.#failures >= 3) return;
    // Detached: the Ctrl-C that ends the primary must not end its sentinel first.
    const shell = spawn('sh', ['-c', SCRIPT, 'prefork-sentinel', String(this.#callForSlices ?? '')], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      env: {},
    });
    this.#shell = shell;
    shell.unref();
    const lost = (): void => {
      if (this.#shell !== shell) return;
      this.#shell = undefined;
      this.#failures += 1;
      if (this.#closed) return;
      if (this.#failures >= 3) {
        publish({
          type: 'server:notice',
          message: 'no shell to watch over the workers: their watchdogs alone end them should the primary be killed',
        });
      } else if (this.#pids.size > 0) this.#start();
    };
    shell.once('error', lost);
    shell.once('exit', lost);
    shell.stdin.on('error', () => {});
    for (const pid of this.#pids) this.#say(`+ ${pid}`);
  }

  #say(line: string): void {
    this.#shell?.stdin?.write(`${line}\n`);
  }
}
