/** `npm run example -- worker`: starts the small site and the Worker in front of it, and prints what to try. Ctrl-C stops both. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOriginServer, imagesOf, sessionFor } from './origin-server.ts';
import { drawProofs, pictures } from './pictures.ts';
import { freePort } from './port.ts';
import { type RunningWorker, readWranglerFile, startWorker } from './workerd/runtime.ts';

const closing = new AbortController();
// There can be several: a terminal sends Ctrl-C to the whole process group, and tsx forwards it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => closing.abort());

const { vars } = await readWranglerFile();
const shared = {
  IMAGES_KEY: randomBytes(32).toString('hex'),
  SESSION_KEY: randomBytes(32).toString('hex'),
  IMAGES_ACCOUNT_HASH: vars.IMAGES_ACCOUNT_HASH!, // in the file
  // There is no account, so the site delivers the pictures itself, under its own path.
  IMAGES_DELIVERY: '/images',
  IMAGES_TTL: vars.IMAGES_TTL!,
  VARIANTS: vars.VARIANTS!,
};

const folder = await mkdtemp(join(tmpdir(), 'image-signer-worker-'));
const origin = createOriginServer(shared, folder).listen(0, 'localhost');
await once(origin, 'listening');
const { port } = origin.address() as AddressInfo; // not a pipe's name
let worker: RunningWorker | undefined;
try {
  const wanted = await freePort(process.env['PORT']);
  console.log('Drawing six pictures.');
  await drawProofs(folder, closing.signal);
  worker = await startWorker({ ...shared, ORIGIN: `http://localhost:${port}` }, wanted);
  if (!closing.signal.aborted) {
    for (const line of greeting(worker.address, await sessionFor('ada', shared))) console.log(line);
    await once(closing.signal, 'abort');
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await worker?.stop();
  origin.close();
  origin.closeAllConnections();
  await rm(folder, { recursive: true, force: true });
}

function greeting(address: string, session: string): string[] {
  const [hers, his] = [pictures.ada[0], pictures.ben[0]].map(
    (each) => `${imagesOf(shared)}/${each?.id}/card`,
  );
  return [
    '',
    `The Worker is open: ${address}`,
    `The site behind it, with plain URLs: http://localhost:${port}`,
    '',
    'Open it in a browser, or try:',
    '',
    `  ADA='Authorization: Bearer ${session}'`,
    `  curl -sH "$ADA" ${address}              # the page: her pictures signed, Ben’s as previews`,
    `  curl -H "$ADA" ${address}/sign${hers}   # a signed URL on demand`,
    `  curl -H "$ADA" ${address}/sign${his}   # for a picture that is not hers: refused`,
    '',
    'Press Ctrl-C to stop.',
  ];
}
