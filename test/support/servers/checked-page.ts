/** Serves a page on this machine, and runs `image-signer check` on it. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { createCheckCommand } from '../../../src/tools/cli/commands/check.ts';
import type { PageLimits } from '../../../src/tools/cli/page-client.ts';
import { type Run, type RunOptions, runCommand } from '../package/command-line.ts';
import { signerWith } from '../samples.ts';

/** A signer by the clock of this machine, which the command has as well. */
export const presentSigner: ReturnType<typeof signerWith> = signerWith({ now: Date.now });

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** A listener that gives one answer to every request: HTML, unless `headers` say otherwise. */
export function answering({ status = 200, headers = {}, body = '' }: Answer): RequestListener {
  return (_, response) => {
    const bytes = Buffer.from(body);
    response.writeHead(status, { 'Content-Type': 'text/html; charset=utf-8', ...headers }).end(bytes);
  };
}

export interface Site {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  close(): Promise<void>;
}

/** @param host - what it listens on, and is called */
export async function startSite(listener: RequestListener, host = '127.0.0.1'): Promise<Site> {
  const server: Server = createServer(listener).listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://${host}:${port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** One that is closed when the test is over. */
export async function openSite(listener: RequestListener): Promise<Site> {
  const site = await startSite(listener);
  onTestFinished(() => site.close());
  return site;
}

export interface CheckedImage {
  readonly url: string;
  readonly place: string;
  readonly outcome: 'ok' | 'dead' | 'note';
  readonly code: string;
  readonly message: string;
  readonly fix?: string;
  readonly expiresAt?: number;
}

export interface Checked extends Run {
  readonly status: number;
  readonly lifetime: number;
  readonly dead: number;
  readonly url: string;
  readonly images: readonly CheckedImage[];
  readonly others: readonly { readonly host: string; readonly count: number }[];
}

/** The flags with which a page on this machine is checked. */
export const checkFlags: readonly string[] = ['--variants', 'thumb,card', '--allow-private'];

/** @throws Error with what stands on standard error, if the command could not be carried out */
export async function checkPage(
  url: string,
  args: readonly string[] = checkFlags,
  options: RunOptions = {},
): Promise<Checked> {
  const run = await runCommand(['check', '--json', ...args, url], options);
  if (run.code === 2) throw new Error(run.stderr);
  return { ...run, ...JSON.parse(run.stdout) };
}

/** Serves it, checks it, and ends the server. */
export async function checkOnce(
  listener: RequestListener,
  args?: readonly string[],
  options?: RunOptions,
): Promise<Checked> {
  const site = await startSite(listener);
  try {
    return await checkPage(`${site.origin}/`, args, options);
  } finally {
    await site.close();
  }
}

/** The command with other limits, which tests need not wait for. */
export function withLimits(limits: Partial<PageLimits>): RunOptions {
  const usual = { timeoutMilliseconds: 30_000, maxBodyBytes: 1024 * 1024 };
  return { among: [createCheckCommand({ ...usual, ...limits })] };
}
