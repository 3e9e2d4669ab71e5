/** Programs that are started for a run, and surely ended with it. It knows nothing of what they do. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import type { Server } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { delimiter, join } from 'node:path';

export interface RunningProgram {
  stop(): Promise<void>;
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

/** Listens on this machine until the run is over. @returns the port */
export async function listen(server: Server, running: RunningProgram[]): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  running.push({
    async stop() {
      server.closeAllConnections();
      server.close();
    },
  });
  return (server.address() as AddressInfo).port;
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * Resolves once the program has printed that it is ready. Its folder and environment are over those of this process.
 * @param running - it is put in here before that, so that it is ended where another one fails meanwhile
 * @returns its process id
 */
export async function startProgram(
  path: string,
  args: readonly string[],
  isReady: RegExp,
  running: RunningProgram[],
  { folder, environment }: { folder?: string; environment?: Readonly<Record<string, string>> } = {},
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
