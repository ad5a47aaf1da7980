/**
 * A real pseudo-terminal, and a terminal emulator that says what a person would see on it. The pty comes from `script` of util-linux, which
 * every Debian has (docs/decisions/0010-pty-by-script.md); its size is set by `stty`, and the kernel sends SIGWINCH as for any terminal.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import xterm from '@xterm/headless';
import { endsWithTest } from './ends-with-test.ts';
import { readProcess } from './processes.ts';
import { until } from './until.ts';

export interface PtySize {
  readonly columns: number;
  readonly rows: number;
}

export interface PtyOptions extends PtySize {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where it is started. */
  readonly cwd?: string;
}

/** Starts a program on a terminal of its own, and waits until its pid is known. `await using` ends both. */
export async function startOnPty(file: string, args: readonly string[], options: PtyOptions): Promise<Pty> {
  const { columns, rows, env = {}, cwd } = options;
  const word = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
  // The shell outlives the program: then the state in which it left the terminal can be looked at.
  const shell = [
    `stty cols ${columns} rows ${rows} && printf 'begin %s %s\\n' "$(tty)" "$(stty -g)"`,
    `sh -c 'printf "pid %s\\n" $$; read -r go; exec "$@"' sh ${[file, ...args].map(word).join(' ')}`,
    String.raw`printf '\nend %s\n' $?`,
    'read -r go',
  ].join('\n');
  const child = spawn('script', ['-qefc', shell, '/dev/null'], {
    env: { ...process.env, TERM: 'xterm-256color', SHELL: '/bin/sh', NO_COLOR: undefined, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  endsWithTest(child);
  child.on('error', (error) => {
    throw new Error('script can not be started; it is part of the package bsdutils (util-linux)', { cause: error });
  });
  const pty = new Pty(child, { columns, rows });
  await until(() => /^pid \d+\r\n/m.test(pty.output), { describe: () => `the begin of the program; ${pty.output}` });
  pty.begin();
  return pty;
}

export class Pty implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #terminal: xterm.Terminal;
  #output = '';
  #tty = '';
  #pid = 0;
  #modesBefore = '';
  #isClosed = false;

  constructor(child: ChildProcess, { columns, rows }: PtySize) {
    this.#child = child;
    this.#terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
    child.stdout?.setEncoding('utf8');
    child.stdout?.on('data', (text: string) => {
      // Counts when it can be seen: the emulator takes its time.
      this.#terminal.write(text, () => {
        this.#output += text;
      });
    });
    child.stdin?.on('error', () => undefined);
    child.once('close', () => (this.#isClosed = true));
  }

  /** Of the program. */
  get pid(): number {
    return this.#pid;
  }

  /** Of `script`, whose end closes the terminal. */
  get terminalPid(): number {
    return this.#child.pid ?? 0;
  }

  /** All that was ever written, escape sequences included. */
  get output(): string {
    return this.#output;
  }

  begin(): void {
    const [, tty = '', modes = ''] = /^begin (\S+) (\S+)/m.exec(this.#output) ?? [];
    this.#tty = tty;
    this.#modesBefore = modes;
    this.#pid = Number(/^pid (\d+)/m.exec(this.#output)?.[1]);
    this.type('\n');
  }

  /** The rows as they are seen now, without the space at their ends. */
  lines(): string[] {
    const { active } = this.#terminal.buffer;
    return Array.from(
      { length: this.#terminal.rows },
      (_each, row) =>
        active
          .getLine(active.baseY + row)
          ?.translateToString(true)
          .trimEnd() ?? '',
    );
  }

  text(): string {
    return this.lines().join('\n');
  }

  isAlternate(): boolean {
    return this.#terminal.buffer.active.type === 'alternate';
  }

  /** Whether the terminal shows its cursor, wraps its lines, and has the modes that it had before. */
  isRestored(): boolean {
    const modes = spawnSync('stty', ['-F', this.#tty, '-g'], { encoding: 'utf8' }).stdout.trim();
    const last = (on: string, off: string): boolean => this.#output.lastIndexOf(on) >= this.#output.lastIndexOf(off);
    const { wraparoundMode } = this.#terminal.modes;
    return modes === this.#modesBefore && !this.isAlternate() && wraparoundMode && last('\u001b[?25h', '\u001b[?25l');
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  resize({ columns, rows }: PtySize): void {
    this.#terminal.resize(columns, rows);
    const { status } = spawnSync('stty', ['-F', this.#tty, 'cols', String(columns), 'rows', String(rows)]);
    if (status !== 0) throw new Error(`stty could not set the size of ${this.#tty}`);
  }

  async waitFor(holds: (text: string) => boolean, withinMs = 20_000): Promise<string> {
    return until(() => (holds(this.text()) ? this.text() || ' ' : null), {
      describe: () => `a screen for which ${holds.toString()}; it shows:\n${this.text()}`,
      withinMs,
    });
  }

  /** The exit code of the program, as a shell sees it: 128 and the number of a signal. */
  async ended(withinMs = 20_000): Promise<number> {
    const [, code] = await until(() => /^end (\d+)\r\n/m.exec(this.#output), {
      describe: () => `the end of the program; the screen shows:\n${this.text()}`,
      withinMs,
    });
    return Number(code);
  }

  /** What the program left on the screen that was there before it. */
  left(): string {
    return this.text()
      .replace(/^[^]*^pid \d+\n/m, '')
      .replace(/^end [^]*$/m, '')
      .trim();
  }

  /** Closes the terminal, as a window or a connection that goes away. */
  hangUp(): void {
    this.#child.kill('SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isClosed) this.#child.kill('SIGKILL');
    const isAlive = (): boolean => readProcess(this.#pid) !== null;
    await until(() => this.#isClosed && !isAlive(), { describe: 'the end of the terminal and of the program on it' }).finally(
      () => {
        if (isAlive()) process.kill(this.#pid, 'SIGKILL');
      },
    );
    this.#terminal.dispose();
  }
}
