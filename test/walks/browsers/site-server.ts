/** Serves the built docs site, as a host of static files does. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import sirv from 'sirv';

export interface SiteServer {
  /** `http://localhost:<port>` */
  readonly address: string;
  close(): Promise<void>;
}

export async function serveSite(folder: string): Promise<SiteServer> {
  const files = sirv(folder, { extensions: ['html'] });
  const missing = readFileSync(join(folder, '404.html'));
  const server = createServer((request, response) =>
    files(request, response, () => {
      response.writeHead(404, { 'Content-Type': 'text/html' }).end(missing);
    }),
  );
  await once(server.listen(0), 'listening');
  return {
    address: `http://localhost:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
