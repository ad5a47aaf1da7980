import type { Prepared } from '../compile/prepare.ts';
import { prepareEntry } from '../compile/prepare.ts';
import type { CodeSource, PreparedCode } from '../modes/code-source.ts';
import { explainLoad } from '../compile/explain-load.ts';

/** The code of an entry, read from its files; tells which files those are, for whoever watches them. */
export class EntrySource implements CodeSource {
  readonly first: PreparedCode;
  readonly #entry: string;
  #files: readonly string[];

  private constructor(entry: string, prepared: Prepared) {
    this.#entry = entry;
    this.#files = prepared.files;
    this.first = toCode(prepared);
  }

  /** @throws PreforkError as `prepareEntry` */
  static async open(entry: string): Promise<EntrySource> {
    return new EntrySource(entry, await prepareEntry(entry));
  }

  /** Absolute paths of the user's own files, as they were found when the code was last read. */
  get files(): readonly string[] {
    return this.#files;
  }

  async prepare(): Promise<PreparedCode> {
    const prepared = await prepareEntry(this.#entry);
    this.#files = prepared.files;
    return toCode(prepared);
  }
}

function toCode(prepared: Prepared): PreparedCode {
  return {
    typescript: prepared.manifest,
    explain: (error) => explainLoad(error, prepared),
    freeze: () => prepared.freeze(),
  };
}
