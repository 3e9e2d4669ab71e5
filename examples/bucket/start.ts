/** `npm run example -- bucket`: starts the store and the site, and prints what to try. Ctrl-C stops both. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { listen } from '../gallery/port.ts';
import { readPort, SettingsError } from '../gallery/settings.ts';
import { createAlbum } from './app.ts';
import { startStore } from './store.ts';
import { readTexts } from './texts.ts';
import { fillStore, photos } from './uploads.ts';

const closing = new AbortController();
// There can be several: a terminal sends Ctrl-C to the whole process group, and tsx forwards it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => closing.abort());

const server = createServer();
try {
  const command = 'npm run example -- bucket';
  // A port in use is reported at once. Listen only when the photos are there, or an early tab would wait.
  const port = await listen(server, readPort(process.env['PORT']), command);
  await once(server.close(), 'close');
  const store = await startStore(process.env['STORE']);
  try {
    console.log(`Drawing ${photos.length} photos …`);
    await fillStore(store, closing.signal);
    server.on('request', createAlbum({ store, texts: await readTexts(store) }));
    if (!closing.signal.aborted) {
      await listen(server, port, command);
      for (const line of greeting(`http://localhost:${port}`, store.url)) console.log(line);
      await once(closing.signal, 'abort');
    }
  } finally {
    await store.stop();
  }
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
} finally {
  server.close();
  server.closeAllConnections();
}

function greeting(address: string, storeUrl: string): string[] {
  const [photo] = photos;
  const name = photo?.key.slice('uploads/'.length, -'.jpg'.length);
  return [
    '',
    `The album is open: ${address}`,
    `The ${process.env['STORE'] === 'azure' ? 'container' : 'bucket'} behind it, which only answers signed requests: ${storeUrl}`,
    '',
    'Three things to try:',
    `  ${address}/  photos from a private store; the last comment’s picture is outside uploads/, and is not signed`,
    `  ${address}/share/${name}  a link that is valid for five minutes`,
    `  ${storeUrl}/${photo?.key}  the same photo without a token: refused`,
    '',
    'Press Ctrl-C to stop.',
  ];
}
