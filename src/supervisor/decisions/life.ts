/**
 * The life of one worker, decided without doing anything: state and event in, state and orders out. The first reason for an
 * end wins, because only the first one moves a worker out of `starting`, `ready` or `draining`.
 *
 *     starting --booted--> ready --drain--> draining --(too slow)--> killing --exited--> gone
 *        |                   |                 |                        ^
 *        +--- boot failed, timed out, kill ----+------------------------+     exited: from anywhere to gone
 */
export type DrainReason =
  | 'idle'
  | 'maxRequests'
  | 'spent'
  | 'demoted'
  | 'memory'
  | 'stuck'
  | 'reload'
  | 'recycle'
  | 'surplus'
  | 'shutdown'
  | 'deadline';
export type KillReason =
  | 'cancelled'
  | 'deadline'
  | 'requeued'
  | 'memory'
  | 'silent'
  /** Its heart beats, and too many questions to its watchdog are open. */
  | 'deaf'
  | 'protocol'
  | 'bootTimeout'
  | 'bootFailed'
  | 'drainTimeout'
  | 'operator'
  /** It was to drain, and had not even booted. */
  | 'unneeded'
  | 'shutdown';

/** The steps of the ladder after a kill was decided: a word to the handler's own signal listeners, then the end. */
export interface KillLadder {
  /** Time between SIGTERM and SIGKILL, ms; 0 for SIGKILL at once. */
  readonly termMs: number;
}

export interface BootError {
  readonly code:
    | 'ERR_HANDLER_LOAD'
    | 'ERR_HANDLER_INVALID'
    | 'ERR_PORT_IN_USE'
    | 'ERR_LISTEN'
    | 'ERR_BOOT_TIMEOUT'
    | 'ERR_BOOT_EXIT'
    | 'ERR_BAD_OPTION';
  readonly message: string;
  readonly stack: string;
}

/** What the operating system said about an end. */
export interface RawExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** The V8 heap of the worker was full: it said so before it aborted. */
  readonly outOfMemory: boolean;
}

/** How a worker ended, and why. */
export type WorkerEnd =
  | { readonly kind: 'bootFailed'; readonly error: BootError }
  | { readonly kind: 'drained'; readonly reason: DrainReason }
  | { readonly kind: 'killed'; readonly reason: KillReason }
  | { readonly kind: 'outOfMemory' }
  | { readonly kind: 'signalled'; readonly signal: string }
  | { readonly kind: 'exited'; readonly code: number };

export type Life =
  | { readonly phase: 'starting'; readonly killAtMs: number }
  | { readonly phase: 'ready' }
  | { readonly phase: 'draining'; readonly reason: DrainReason; readonly killAtMs: number }
  | {
      readonly phase: 'killing';
      readonly reason: KillReason;
      readonly boot: BootError | undefined;
      readonly killAtMs: number | undefined;
    }
  | { readonly phase: 'gone'; readonly end: WorkerEnd };

export type LifeEvent =
  | { readonly type: 'booted' }
  | { readonly type: 'bootFailed'; readonly error: BootError }
  | { readonly type: 'drain'; readonly reason: DrainReason; readonly withinMs: number }
  | { readonly type: 'kill'; readonly reason: KillReason; readonly ladder: KillLadder }
  | { readonly type: 'exited'; readonly exit: RawExit }
  | { readonly type: 'clockTicked' };

export type LifeOrder = 'sendDrain' | 'sendTerm' | 'sendKill';

export interface LifeDecision {
  readonly life: Life;
  readonly orders: readonly LifeOrder[];
}

const LADDER_AT_ONCE: KillLadder = { termMs: 0 };
const LADDER_DRAIN: KillLadder = { termMs: 1000 };

export function newLife(nowMs: number, bootTimeoutMs: number): Life {
  return { phase: 'starting', killAtMs: nowMs + bootTimeoutMs };
}

export function decide(life: Life, event: LifeEvent, nowMs: number): LifeDecision {
  switch (event.type) {
    case 'booted':
      return life.phase === 'starting' ? { life: { phase: 'ready' }, orders: [] } : stay(life);
    case 'bootFailed':
      // The worker ends by itself after it has told us; should it not, it is killed.
      return life.phase === 'starting' ? kill('bootFailed', event.error, LADDER_DRAIN, nowMs, []) : stay(life);
    case 'drain':
      return drain(life, event.reason, event.withinMs, nowMs);
    case 'kill':
      return life.phase === 'killing' || life.phase === 'gone' ? stay(life) : kill(event.reason, undefined, event.ladder, nowMs);
    case 'exited':
      return life.phase === 'gone' ? stay(life) : { life: { phase: 'gone', end: endOf(life, event.exit) }, orders: [] };
    case 'clockTicked':
      return tick(life, nowMs);
  }
}

/** When `clockTicked` is due, or undefined for never. */
export function wakeAtMs(life: Life): number | undefined {
  return 'killAtMs' in life ? life.killAtMs : undefined;
}

function stay(life: Life): LifeDecision {
  return { life, orders: [] };
}

function drain(life: Life, reason: DrainReason, withinMs: number, nowMs: number): LifeDecision {
  switch (life.phase) {
    case 'starting':
      // It serves nobody yet: nothing is lost by an end at once.
      return kill(reason === 'shutdown' ? 'shutdown' : 'unneeded', undefined, LADDER_AT_ONCE, nowMs);
    case 'ready':
      return { life: { phase: 'draining', reason, killAtMs: nowMs + withinMs }, orders: ['sendDrain'] };
    case 'draining':
      // A shutdown may be more urgent than what the drain began with, never less.
      return { life: { ...life, killAtMs: Math.min(life.killAtMs, nowMs + withinMs) }, orders: [] };
    case 'killing':
    case 'gone':
      return stay(life);
  }
}

function kill(
  reason: KillReason,
  boot: BootError | undefined,
  ladder: KillLadder,
  nowMs: number,
  first: readonly LifeOrder[] = ladder.termMs > 0 ? ['sendTerm'] : ['sendKill'],
): LifeDecision {
  const killAtMs = ladder.termMs > 0 ? nowMs + ladder.termMs : undefined;
  return { life: { phase: 'killing', reason, boot, killAtMs }, orders: first };
}

function tick(life: Life, nowMs: number): LifeDecision {
  const due = wakeAtMs(life);
  if (due === undefined || due > nowMs) return stay(life);
  switch (life.phase) {
    case 'starting': {
      const error: BootError = { code: 'ERR_BOOT_TIMEOUT', message: 'it was not ready in time', stack: '' };
      return kill('bootTimeout', error, LADDER_AT_ONCE, nowMs);
    }
    case 'draining':
      return kill('drainTimeout', undefined, LADDER_DRAIN, nowMs);
    case 'killing':
      return { life: { ...life, killAtMs: undefined }, orders: ['sendKill'] };
    case 'ready':
    case 'gone':
      return stay(life);
  }
}

function endOf(life: Exclude<Life, { phase: 'gone' }>, exit: RawExit): WorkerEnd {
  switch (life.phase) {
    case 'killing':
      return life.boot === undefined ? { kind: 'killed', reason: life.reason } : { kind: 'bootFailed', error: life.boot };
    case 'starting':
      return {
        kind: 'bootFailed',
        error: { code: 'ERR_BOOT_EXIT', message: `it ended while it booted: ${describeExit(exit)}`, stack: '' },
      };
    case 'draining':
      return exit.code === 0 ? { kind: 'drained', reason: life.reason } : crash(exit);
    case 'ready':
      return crash(exit);
  }
}

function crash(exit: RawExit): WorkerEnd {
  if (exit.outOfMemory) return { kind: 'outOfMemory' };
  if (exit.signal !== null) return { kind: 'signalled', signal: exit.signal };
  return { kind: 'exited', code: exit.code ?? 0 };
}

export function describeExit(exit: RawExit): string {
  if (exit.outOfMemory) return 'its JavaScript heap was full';
  return exit.signal === null ? `exit code ${exit.code ?? 0}` : `signal ${exit.signal}`;
}

/** One line for a person, of the form "it …". */
export function describeEnd(end: WorkerEnd): string {
  switch (end.kind) {
    case 'bootFailed':
      return end.error.message;
    case 'drained':
      return `drained (${end.reason})`;
    case 'killed':
      return `killed (${end.reason})`;
    case 'outOfMemory':
      return 'its JavaScript heap was full';
    case 'signalled':
      return `signal ${end.signal}`;
    case 'exited':
      return `exit code ${end.code}`;
  }
}
