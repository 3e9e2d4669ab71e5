/** Hono on Node.js. */
import { getRequestListener } from '@hono/node-server';
import { type ListeningDriver, nodeDriver } from './driver.ts';
import { ofHono } from './expected-failures.ts';
import { createHonoApp, honoEntry } from './hono-app.ts';

export const hono: ListeningDriver = nodeDriver({
  name: 'Hono',
  cannot: ofHono,
  ...honoEntry,
  build: (site) => getRequestListener(createHonoApp(site).fetch),
});
