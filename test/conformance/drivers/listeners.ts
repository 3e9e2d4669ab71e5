/** A site in every adapter, as a listener of Node.js: for tests that hold the clock, the keys and the events of a site themselves. */
import { getRequestListener } from '@hono/node-server';
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

export const listeners: readonly Listening[] = [
  nodeHttp,
  onConnect,
  express4,
  express5,
  koa2,
  koa3,
  fastify,
  overFetch,
  hono,
];
