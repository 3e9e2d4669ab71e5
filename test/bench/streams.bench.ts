/**
 * Ten thousand pages that are all streamed at once, with and without the middleware, and what memory that takes in the
 * middle of a tag. Every byte that comes is checked, and an error fails the run; `STREAMS` sets how many.
 */
import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import { parse } from '../support/http/raw.ts';
import { withoutTokens } from '../support/samples.ts';
import { products, shopPage, urlsInShop, variants } from '../support/servers/shop.ts';
import { createSigner } from './built.ts';
import { giveFigure } from './give-figure.ts';
import { ask, compile, start, stop } from './process.ts';
import { print } from './rounds.ts';
import type { Memory, Part } from './streams-server.ts';

const count = Number(process.env['STREAMS'] ?? 10_000);
/**
 * How malloc of glibc gives memory back, the same for both servers. By itself it changes its thresholds by the sizes that
 * it is asked for, and keeps what was freed: then the figure is that of its free lists.
 */
const malloc = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_MMAP_THRESHOLD_: '131072' };
/** So many are being opened at a time: what a listening socket queues is bounded. */
const openedAtOnce = 100;

const key = 'a-signing-key-of-the-usual-length';
const shop = products(3, 14, 500);
const original = shopPage(shop);
const { verifyImage } = createSigner({ key, ttl: '1d', variants });
const program = compile('streams-server.ts');

function check(index: number, raw: Buffer, way: string): void {
  const { status, text, isComplete } = parse(raw);
  const urls = text.match(/https:\/\/imagedelivery\.net\/[^\s"'<>,)]+sig=[0-9a-f]{64}/g) ?? [];
  const tokens = way === 'image-signer' ? urlsInShop(shop) : 0;
  const areGood = index % 100 > 0 || urls.every((url) => verifyImage(url.replaceAll('&amp;', '&')).ok);
  if (status !== 200 || !isComplete || withoutTokens(text) !== original || urls.length !== tokens || !areGood)
    throw new Error(
      `stream ${index}, ${way}: status ${status}, ${text.length} characters, ${urls.length} tokens`,
    );
}

/** Opens all streams, and checks each page at its end. @returns when all have begun, and when all have ended */
function openAll(port: number, way: string): { begun: Promise<unknown>; ended: Promise<unknown> } {
  const events = new EventEmitter();
  let [next, begins, ends] = [0, 0, 0];
  const open = (): void => {
    if (next === count) return;
    const index = next++;
    const chunks: Buffer[] = [];
    const socket = connect({ port, host: '127.0.0.1' });
    socket.write(`GET /${index} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
    socket.once('data', () => {
      if (++begins === count) events.emit('begun');
      open();
    });
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('close', () => {
      check(index, Buffer.concat(chunks), way);
      if (++ends === count) events.emit('ended');
    });
  };
  for (let index = 0; index < openedAtOnce; index++) open();
  return { begun: once(events, 'begun'), ended: once(events, 'ended') };
}

async function run(way: string): Promise<readonly [idle: number, open: number]> {
  const settings = { flags: ['--expose-gc'], environment: malloc };
  const { child, message: port } = await start<number>(program, [way, key], settings);
  const tell = (request: Part | 'measure'): Promise<Memory> => ask<Memory>(child, request);
  const idle = await tell('measure');
  const { begun, ended } = openAll(port, way);
  await begun;
  const open = await tell('middle');
  if (open.streams !== count) throw new Error(`${way}: ${open.streams} streams were open, not ${count}`);
  await tell('rest');
  await ended;
  await stop(child);
  return [idle.rss / 1_024, open.rss / 1_024];
}

const rows = { vanilla: await run('vanilla'), 'image-signer': await run('image-signer') };
print(`${count} pages of ${original.length} bytes, all open in the middle of a tag`, [
  ['KiB of RSS', 'idle', 'all open', 'a stream'],
  ...Object.entries(rows).map(([name, [idle, open]]) => [
    name,
    ...[idle, open, (open - idle) / count].map((kibibytes) => kibibytes.toFixed(0)),
  ]),
]);
const above = (rows['image-signer'][1] - rows.vanilla[1]) / count;
console.log(`\nabove vanilla: ${above.toFixed(1)} KiB a stream`);
giveFigure(['streams', 'each'], above, 0, 'KiB');
