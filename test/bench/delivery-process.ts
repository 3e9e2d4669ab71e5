/** The process of one server of pictures: `express.static` with a picture as it is, or the delivery with one that is kept. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';

const [, , way, folder, accountHash] = process.argv as string[];
const app = express();
app.disable('x-powered-by');
if (way === 'static') app.use(express.static(folder!));
else {
  const { imageDelivery } = (await import(
    new URL('../../dist/delivery.js', import.meta.url).href
  )) as typeof import('../../src/delivery.ts');
  app.use(
    imageDelivery({
      directory: folder!,
      key: process.env['IMAGES_KEY'],
      ttl: '1d',
      accountHash: accountHash!,
      variants: { card: { width: 640 } },
    }),
  );
}
const server = createServer(app as RequestListener);
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }));

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send!({ microseconds: user + system });
});
process.once('disconnect', () => process.exit());
