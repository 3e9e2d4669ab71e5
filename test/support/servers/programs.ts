/** Programs of this machine that a test file starts, and surely ends after its last test. It knows nothing of what they do. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { delimiter, join, resolve } from 'node:path';
import { afterAll } from 'vitest';

const stops: (() => Promise<unknown> | undefined)[] = [];
afterAll(() => Promise.all(stops.map((stop) => stop())));

/**
 * Servers are often not on the path of those who are not root.
 * @param name - or the whole path of a file by which a package is known
 * @throws Error that names Debian's package
 */
export function programOf(name: string, debian: string): string {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  const path = folders.map((folder) => resolve(folder, name)).find(existsSync);
  if (path === undefined) throw new Error(`There is no ${name} here: apt-get install ${debian}`);
  return path;
}

/** Listens on this machine until the last test is over. @returns the port */
export async function listen(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  stops.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}

/**
 * Resolves once the program has printed that it is ready. Its folder and environment are over those of this process.
 * @returns its process id
 */
export async function startProgram(
  path: string,
  args: readonly string[],
  isReady: RegExp,
  { folder, environment }: { folder?: string; environment?: Readonly<Record<string, string>> } = {},
): Promise<number> {
  // A group of its own: its workers end with it.
  const child = spawn(path, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: folder,
    env: { ...process.env, ...environment },
  });
  const killAll = (): void => signalGroup(child, 'SIGKILL');
  process.once('exit', killAll);
  const ended = once(child, 'close').then(() => process.off('exit', killAll));
  stops.push(async () => {
    signalGroup(child, 'SIGTERM');
    const impatient = setTimeout(killAll, 5_000);
    await ended;
    clearTimeout(impatient);
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

/**
 * Resolves once it listens.
 * @param folder - for all that it writes; it is not there yet
 * @param servers - what stands in `http { }`
 */
export async function startNginx(folder: string, servers: string): Promise<void> {
  await mkdir(folder);
  await writeFile(join(folder, 'servers.conf'), servers);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `  ${name}_temp_path ${join(folder, name)};`,
  );
  // Workers of root would become somebody who may not look into a temporary folder.
  const user = process.getuid?.() === 0 ? 'user root;\n' : '';
  const frame = `daemon off;
${user}worker_processes 1;
pid ${join(folder, 'pid')};
error_log stderr notice;
events {}
http {
  access_log off;
${temporary.join('\n')}
  include ${join(folder, 'servers.conf')};
}
`;
  await writeFile(join(folder, 'nginx.conf'), frame);
  const args = ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')];
  await startProgram(programOf('nginx', 'nginx'), args, /start worker process \d+/);
}

/** In the foreground, without another user or an administrator's port. @returns its address */
export async function startVarnish(folder: string, vcl: string): Promise<string> {
  const port = await freePort();
  const file = join(folder, `varnish-${port}.vcl`);
  await writeFile(file, vcl);
  const own = ['-F', '-j', 'none', '-T', 'none', '-n', join(folder, `varnish-${port}`)];
  const args = [...own, '-a', `127.0.0.1:${port}`, '-f', file, '-s', 'malloc,64m'];
  await startProgram(programOf('varnishd', 'varnish'), args, /said Child starts/);
  return `http://127.0.0.1:${port}`;
}

/** The first block of a page of the docs in this language. */
export function blockOf(page: string, language: string): string {
  return new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(page)![1]!;
}
