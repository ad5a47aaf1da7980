import { spawnSync } from 'node:child_process';

/** The repository of the project, as far as builds of earlier commits need it. */
export class Repository {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  /** @returns why there is none, in a sentence, where git or its repository is missing */
  static open(root: string): Repository | string {
    const { status, stdout, error } = git(root, ['rev-parse', '--show-cdup']);
    if (error !== undefined) return 'found no git';
    // The project may be a part of what is another repository: then its tags are not ours.
    return status === 0 && stdout === '' ? new Repository(root) : 'found no repository of git';
  }

  /** The commit that a tag, a branch or a part of a hash stands for. */
  commitOf(reference: string): string | undefined {
    const { status, stdout } = git(this.root, ['rev-parse', '--verify', '--quiet', `${reference}^{commit}`]);
    return status === 0 && stdout !== '' ? stdout : undefined;
  }

  /** The newest tag of a version that HEAD comes after; undefined when there is none. */
  lastRelease(): string | undefined {
    const order = ['-c', 'versionsort.suffix=-'];
    const among = ['--list', 'v[0-9]*', '--merged', 'HEAD', '--no-contains', 'HEAD', '--sort=-version:refname'];
    const { status, stdout } = git(this.root, [...order, 'tag', ...among]);
    return status === 0 ? stdout.split('\n').find((tag) => tag !== '') : undefined;
  }
}

function git(root: string, args: readonly string[]): { status: number | null; stdout: string; error: Error | undefined } {
  const { status, stdout, error } = spawnSync('git', ['-C', root, ...args], { encoding: 'utf8' });
  return { status, stdout: error === undefined ? stdout.trim() : '', error };
}
