/** Takes a port for a server, or says in one line why not. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SettingsError } from './settings.ts';

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use by another program',
  EACCES: 'is not yours to use',
};

/**
 * @param command - what starts the program, for the advice to take another port
 * @returns the port, which is another one than was asked for if that was 0
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
    throw new SettingsError(`Port ${port} ${reason}. Choose another one: PORT=3001 ${command}`);
  }
  return (server.address() as AddressInfo).port; // not a pipe's name, since it was given a number
}
