/** Runs a program, shows what it prints as it prints it, and keeps a copy. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Run {
  readonly output: string;
  /** Null where a signal ended it. */
  readonly code: number | null;
}

/** @returns once it has ended and all of its output is read; it ends with this process */
export async function runLive(
  program: string,
  args: readonly string[],
  { cwd, isQuiet = false }: { readonly cwd: string; readonly isQuiet?: boolean },
): Promise<Run> {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  const kill = (): void => void child.kill();
  process.once('exit', kill);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (!isQuiet) process.stdout.write(text);
  });
  const [code] = (await once(child, 'close')) as [Run['code']];
  process.off('exit', kill);
  return { output, code };
}
