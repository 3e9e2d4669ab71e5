/** All that the suite runs over in Node.js. */
import { onConnect } from './connect.ts';
import type { Driver } from './driver.ts';
import { express4, express5 } from './express.ts';
import { fastify } from './fastify.ts';
import { hono } from './hono.ts';
import { koa2, koa3 } from './koa.ts';
import { nodeHttp } from './node-http.ts';

export const drivers: readonly Driver[] = [
  nodeHttp,
  onConnect,
  express4,
  express5,
  koa2,
  koa3,
  fastify,
  hono,
];
