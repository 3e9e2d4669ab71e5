/** An app of Fastify on a real socket, for the time of a test. */
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { type RawRequest, type RawResponse, send } from '../http/raw.ts';
import { base } from '../samples.ts';

export type Build = (app: FastifyInstance) => unknown;
export type Get = (target: string, request?: RawRequest) => Promise<RawResponse>;

/** Starts an app, sends requests to it, and closes it. */
export async function withApp(build: Build, use: (get: Get) => Promise<void>): Promise<void> {
  const app = fastify();
  await build(app);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  try {
    await use((target, request) => send(port, target, request));
  } finally {
    await app.close();
  }
}

/** The options that tests share, for any of the plugins. */
export const options = (more: object = {}): never => ({ ...base, ...more }) as never;
