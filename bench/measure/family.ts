import { randomUUID } from 'node:crypto';
import { endFamily, familyOf, killAll, type ProcessFigures } from './processes.ts';

const TOKEN_NAME = 'PREFORK_BENCH_RUN';

/** What is alive now, so that an interrupted run leaves nothing behind. */
const families = new Set<Family>();

/** Ends all families at once, without waiting: for a run that is interrupted. */
export function endAllNow(): void {
  for (const family of families) family.endNow();
}

/** All processes that come from one that was started with this environment: by descent, or by the token in theirs. */
export class Family {
  readonly #token: string;
  #root = 0;
  readonly #forget: () => void;

  /** @param forget what else is to go with it */
  constructor(forget: () => void = () => {}) {
    this.#token = `${TOKEN_NAME}=${randomUUID()}`;
    this.#forget = forget;
    families.add(this);
  }

  /** The environment of its first process: nothing of ours changes how that runs. */
  environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    // Node 20 reads those certificates at each boot: a bundle of a whole system is 40 ms, more than all else of a bare Node, and not every peer hands it on.
    const { NODE_OPTIONS: _options, NODE_ENV: _environment, NODE_EXTRA_CA_CERTS: _certificates, ...inherited } = process.env;
    const [name = '', value = ''] = this.#token.split('=');
    return { ...inherited, NODE_ENV: 'production', ...more, [name]: value };
  }

  /** Says which process the first one is. */
  begin(pid: number | undefined): void {
    this.#root = pid ?? 0;
  }

  get members(): readonly ProcessFigures[] {
    return familyOf(this.#root, this.#token);
  }

  /** @throws Error that names who is left after 5 s */
  async end(): Promise<void> {
    await endFamily(this.#root, this.#token);
    this.#leave();
  }

  endNow(): void {
    killAll(this.members);
    this.#leave();
  }

  #leave(): void {
    families.delete(this);
    this.#forget();
  }
}
