/** Runs a program, shows what it prints as it prints it, and keeps a copy. */
import { spawn } from 'node:child_process';

export interface Run {
  readonly output: string;
  /** Null where a signal ended it, or where it did not start. */
  readonly code: number | null;
  /** How it ended, for people: `exit code 1`, `SIGSEGV`, `spawn node EACCES`. */
  readonly ending: string;
}

/** @returns once it has ended and all of its output is read; it ends with this process */
export async function runLive(
  program: string,
  args: readonly string[],
  { cwd, isQuiet = false }: { readonly cwd: string; readonly isQuiet?: boolean },
): Promise<Run> {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = (): void => void child.kill();
  process.once('exit', kill);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (!isQuiet) process.stdout.write(text);
    });
  const end = await new Promise<Omit<Run, 'output'>>((resolve) => {
    child.once('error', (error) => resolve({ code: null, ending: error.message }));
    child.once('close', (code, signal) => resolve({ code, ending: signal ?? `exit code ${code}` }));
  });
  process.off('exit', kill);
  return { output, ...end };
}
