/** A site in every adapter, as a listener of Node.js: for tests that hold the clock, the keys and the events of a site themselves. */
import { getRequestListener } from '@hono/node-server';
import { shareOf } from '../../support/run-length.ts';
import { turnOfServers } from '../../support/seed.ts';
import { onConnect } from './connect.ts';
import type { NodeDriver } from './driver.ts';
import { express4, express5 } from './express.ts';
import { fastify } from './fastify.ts';
import { handlerOf } from './fetch-handler.ts';
import { hono } from './hono.ts';
import { koa2, koa3 } from './koa.ts';
import { nodeHttp } from './node-http.ts';

export type Listening = Pick<NodeDriver, 'name' | 'build'>;

const overFetch: Listening = { name: 'fetch', build: (site) => getRequestListener(handlerOf(site)) };

/** Of those that differ by a version the quick run takes one, by turns. */
export const listeners: readonly Listening[] = [
  nodeHttp,
  ...shareOf([onConnect, express4], 2, turnOfServers),
  express5,
  ...shareOf([koa2, koa3], 2, turnOfServers),
  fastify,
  overFetch,
  hono,
];
