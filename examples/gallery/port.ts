/** Listens on a port, or explains in one line why that fails. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SettingsError } from './settings.ts';

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use by another program',
  EACCES: 'needs more permissions',
};

/**
 * @param command - the command that starts the program, for the advice to choose another port
 * @returns the port: a free one if 0 was requested
 * @throws SettingsError
 */
export async function listen(server: Server, port: number, command: string = 'npm start'): Promise<number> {
  server.listen(port);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = reasons[code ?? ''];
    if (reason === undefined) throw error;
    throw new SettingsError(`Port ${port} ${reason}. Choose another port: PORT=3001 ${command}`);
  }
  return (server.address() as AddressInfo).port; // not a pipe's name, since it listens on a number
}
