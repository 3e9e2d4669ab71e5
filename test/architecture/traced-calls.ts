/** The calls that `call-trace.ts` counts. Bundled, and run by itself: it prints a trace of each as JSON. */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { Session } from 'node:inspector/promises';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createSigner, imageSigner } from '../../src/index.ts';
import type { CallTrace, TracedCall } from './call-trace.ts';

const ownUrl = import.meta.url;
/** esbuild writes each source's path above its code. */
const sources = [...readFileSync(fileURLToPath(ownUrl), 'utf8').matchAll(/^\/\/ (\S+\.ts)$/gm)];
const session = new Session();
session.connect();
await session.post('Profiler.enable');
const traces: Partial<Record<TracedCall, CallTrace>> = {};

const signer = createSigner({
  key: 'k'.repeat(40),
  ttl: '1d',
  variants: ['thumb', 'card'],
  accountHash: 'acc',
  report: false,
});
await trace('signImage', () => signer.signImage('photo-9', 'thumb'));
await trace('signImage again', () => signer.signImage('photo-9', 'thumb'));

let images = 0;
const middleware = imageSigner({ signer });
const server = createServer((request, response) =>
  middleware(request, response, () => {
    images++;
    if (request.url === '/handler') {
      response.end(Reflect.get(request, 'signImage')(`photo-${images}`, 'thumb'));
      return;
    }
    response.setHeader('content-type', 'text/html');
    response.end(`<img src="https://imagedelivery.net/acc/photo-${images}/thumb">`);
  }),
);
const origin = await listen(server);
// The first response of a server finds out what its responses inherit.
await get('/handler');
await trace('req.signImage', () => get('/handler'));
await get('/page');
await trace('page', () => get('/page'));
server.close();
server.closeAllConnections();
process.stdout.write(JSON.stringify(traces));

async function trace(name: TracedCall, call: () => unknown): Promise<void> {
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  await session.post('Profiler.takePreciseCoverage');
  await call();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  await session.post('Profiler.stopPreciseCoverage');
  const files: Record<string, string[]> = {};
  for (const { functionName, ranges } of result.find(({ url }) => url === ownUrl)?.functions ?? []) {
    const { startOffset, count } = ranges[0]!; // the function itself
    const file = sources.findLast(({ index }) => index < startOffset)?.[1];
    if (count === 0 || file === undefined || !file.startsWith('src/')) continue;
    files[file] ??= [];
    files[file].push(functionName || '(anonymous)');
  }
  const functionCount = Object.values(files).flat().length;
  traces[name] = { files, fileCount: Object.keys(files).length, functionCount };
}

async function listen(listening: Server): Promise<string> {
  await new Promise<void>((resolve) => {
    listening.listen(0, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

async function get(path: string): Promise<void> {
  await (await fetch(origin + path)).text();
}
