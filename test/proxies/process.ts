/** Programs that are started for a run, and surely ended with it. It knows nothing of what they do. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';

export interface RunningProgram {
  stop(): Promise<void>;
}

export interface Surroundings {
  /** Where it runs; this process's own by default. */
  readonly folder?: string;
  /** Over this process's own. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Where the program lies; servers are often not on the path of those who are not root. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('A port was asked for.');
  return address.port;
}

/**
 * Resolves once the program has printed that it is ready.
 * @param running - it is put in here before that, so that it is ended where another one fails meanwhile
 * @returns its process id
 */
export async function startProgram(
  path: string,
  args: readonly string[],
  isReady: RegExp,
  running: RunningProgram[],
  { folder, environment }: Surroundings = {},
): Promise<number> {
  // A group of its own: workers end with it, and Ctrl-C reaches it by way of `stop` alone.
  const child = spawn(path, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: folder,
    env: { ...process.env, ...environment },
  });
  const killAll = (): void => signalGroup(child, 'SIGKILL');
  process.once('exit', killAll);
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      process.off('exit', killAll);
      resolve();
    });
  });
  running.push({
    async stop() {
      signalGroup(child, 'SIGTERM');
      const impatient = setTimeout(killAll, 5000);
      await ended;
      clearTimeout(impatient);
    },
  });
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const read = (text: string): void => {
      output += text;
      if (isReady.test(output)) resolve();
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    child.once('error', reject);
    void ended.then(() => reject(new Error(`${path} ended before it was ready:\n${output}`)));
  });
  return child.pid!; // it has started
}

/** Signals a child that was started with `detached`, and what it has started. */
export function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // It has ended already.
  }
}
