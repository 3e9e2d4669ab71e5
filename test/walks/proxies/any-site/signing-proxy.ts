/** `image-signer proxy` as it is built, in a process of its own whose handles and memory can be counted. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SignerOptions } from 'image-signer';
import { type RunningProgram, startProgram } from '../process.ts';

const command = fileURLToPath(new URL('../../../../dist/cli.js', import.meta.url));

export interface SigningProxy {
  /** `http://127.0.0.1:<port>` */
  readonly address: string;
  /** Open files, sockets and pipes. */
  handles(): Promise<number>;
  /** What is resident, in MiB. */
  memory(): Promise<number>;
}

/**
 * @param folder - for its configuration; it is there already
 * @param port - that nobody listens on
 */
export async function startProxy(
  folder: string,
  target: string,
  port: number,
  options: SignerOptions,
  running: RunningProgram[],
  flags: readonly string[] = [],
): Promise<SigningProxy> {
  const config = join(folder, `proxy-${port}.config.mjs`);
  await writeFile(config, `export default ${JSON.stringify(options)};\n`);
  const own = ['--target', target, '--port', String(port), '--drain', '0', '--config', config];
  const args = [command, 'proxy', ...own, ...flags];
  const pid = await startProgram(process.execPath, args, new RegExp(`:${port}\\b`), running);
  return {
    address: `http://127.0.0.1:${port}`,
    handles: async () => (await readdir(`/proc/${pid}/fd`)).length,
    memory: async () => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
    },
  };
}
