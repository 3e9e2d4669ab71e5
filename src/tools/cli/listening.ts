/** Opens a server for a command that runs until it is stopped. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import type { ExitCode, Invocation, StopSignal } from './command.ts';
import { Mistake, reasonOf } from './mistake.ts';

/** @throws Mistake */
export function portOf(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new Mistake('--port takes a number from 1 to 65535, or 0 for any free port.');
}

/**
 * @returns the port, which the system chooses for 0
 * @throws Mistake
 */
export async function listen(server: Server, port: number, host: string): Promise<number> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    throw listenMistake(error, port);
  }
  return (server.address() as AddressInfo).port; // it listens on a port
}

/** Explains why a server cannot listen. */
export function listenMistake(error: unknown, port: number): Mistake {
  const { code } = Object(error) as { readonly code?: unknown };
  if (code === 'EADDRINUSE')
    return new Mistake(
      `Port ${port} is in use. Choose another one with --port, or let --port 0 take a free one.`,
    );
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new Mistake('--host is not an address of this machine. 0.0.0.0 listens on all addresses.');
  return new Mistake(`Cannot listen on port ${port}: ${reasonOf(error)}.`);
}

/** The address to show. Browsers trust `localhost` like an HTTPS site. */
export function addressOf(host: string, port: number): string {
  const shown = host === '127.0.0.1' ? 'localhost' : isIPv6(host) ? `[${host}]` : host;
  return `http://${shown}:${port}`;
}

/** Runs until it is stopped. @param stop - resolves when the requests under way are finished */
export function untilStopped(
  { notes, signals }: Invocation,
  stop: (signal: StopSignal) => Promise<void>,
): Promise<ExitCode> {
  return new Promise((resolve, reject) => {
    let isStopping = false;
    const onSignal = (signal: StopSignal): void => {
      if (isStopping) return resolve(1); // requests under way are cut off
      isStopping = true;
      stop(signal).then(() => resolve(0), reject);
      notes.line('Finishing requests under way. Press Ctrl+C again to cut them off.').catch(() => {}); // nobody reads
    };
    signals.on('SIGINT', () => onSignal('SIGINT'));
    signals.on('SIGTERM', () => onSignal('SIGTERM'));
  });
}

/**
 * Called before the server takes requests.
 * @returns a function that stops it: it takes no more connections, and waits for the responses under way
 */
export function stopOf(server: Server): () => Promise<void> {
  let isStopping = false;
  server.on('request', (_, response) => {
    // A connection that was busy when the server stopped is idle now.
    response.once('close', () => {
      if (isStopping) setImmediate(() => server.closeIdleConnections());
    });
  });
  return () =>
    new Promise((resolve) => {
      isStopping = true;
      server.close(() => resolve());
      server.closeIdleConnections();
    });
}
