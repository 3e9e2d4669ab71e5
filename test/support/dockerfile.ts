/** Runs what a Dockerfile says in an empty folder: no container runs where these tests do. It knows the instructions of one stage. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** Words in a text of an instruction, and what stands in for them here: a package of the registry, a port. */
export type Replacements = Readonly<Record<string, string>>;

export class Dockerfile {
  readonly #source: string;
  readonly #instructions: readonly Instruction[];

  /** @param source - the folder of the Dockerfile */
  constructor(source: string) {
    this.#source = source;
    const text = readFileSync(join(source, 'Dockerfile'), 'utf8').replace(/^\s*#.*\n/gm, '');
    this.#instructions = Array.from(
      text.replace(/\\\n/g, ' ').matchAll(/^([A-Z]+)\s+(.+)$/gm),
      ([, name, rest]) => ({
        name: name!,
        text: rest!,
      }),
    );
  }

  /** The last one of a name, which is the one that counts. */
  last(name: string): string {
    const found = this.#instructions.findLast((each) => each.name === name);
    if (found === undefined) throw new Error(`The Dockerfile has no ${name}.`);
    return found.text;
  }

  /**
   * @param folder - what `WORKDIR` is here; it is empty
   * @param environment - for its commands, over this process's own
   */
  build(folder: string, environment: Readonly<Record<string, string>>, replacements: Replacements): void {
    for (const { name, text } of this.#instructions) {
      if (name === 'RUN') {
        const command = replaced(text, replacements);
        execFileSync('sh', ['-c', command], {
          cwd: folder,
          env: { ...process.env, ...environment },
          stdio: 'pipe',
        });
      } else if (name === 'COPY') {
        const [from, to] = text.split(' ') as [string, string];
        cpSync(join(this.#source, from), join(folder, to, from));
      }
    }
    for (const each of ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })])
      chmodSync(join(folder, each), 0o555);
  }

  /** Starts `ENTRYPOINT`, with these in the place of `CMD`, as nobody: a file that it writes would be refused. */
  start(
    folder: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>>,
    replacements: Replacements,
  ): ChildProcess {
    const [program, ...given] = JSON.parse(replaced(this.last('ENTRYPOINT'), replacements)) as [
      string,
      ...string[],
    ];
    return spawn(program, [...given, ...args], {
      ...nobody(),
      cwd: folder,
      env: { ...process.env, ...environment },
    });
  }

  /** @returns the exit code of its health check */
  async checkHealth(folder: string, replacements: Replacements): Promise<number | null> {
    const command = /CMD (\[.*\])$/.exec(this.last('HEALTHCHECK'))![1]!;
    const [program, ...args] = JSON.parse(replaced(command, replacements)) as [string, ...string[]];
    const child = spawn(program, args, { ...nobody(), cwd: folder });
    return new Promise((resolve) => child.once('close', resolve));
  }
}

/** Root may write everywhere; anybody else runs the commands as himself. */
function nobody(): { uid?: number; gid?: number } {
  return process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
}

function replaced(text: string, replacements: Replacements): string {
  return Object.entries(replacements).reduce((all, [from, to]) => all.replaceAll(from, to), text);
}
