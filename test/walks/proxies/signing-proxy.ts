/** `image-signer proxy` as it is built, in a process of its own whose handles and memory can be counted. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SignerOptions } from 'image-signer';
import { startProgram } from '../../support/servers/programs.ts';

const command = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url));

export interface SigningProxy {
  /** `http://127.0.0.1:<port>` */
  readonly address: string;
  readonly port: number;
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
  flags: readonly string[] = [],
): Promise<SigningProxy> {
  const config = join(folder, `proxy-${port}.config.mjs`);
  await writeFile(config, `export default ${JSON.stringify(options)};\n`);
  const own = ['--target', target, '--port', String(port), '--drain', '0', '--config', config];
  const pid = await startProgram(
    process.execPath,
    [command, 'proxy', ...own, ...flags],
    new RegExp(`:${port}\\b`),
  );
  return {
    address: `http://127.0.0.1:${port}`,
    port,
    handles: async () => (await readdir(`/proc/${pid}/fd`)).length,
    memory: async () => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
    },
  };
}
