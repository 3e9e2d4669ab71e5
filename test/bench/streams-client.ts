/**
 * The load of the streams benchmark: it opens so many connections, no more than a few at a time, keeps what comes on
 * each, and looks at every byte once its page has ended.
 */
import { connect } from 'node:net';
import { parse } from '../support/raw.ts';
import { withoutTokens } from '../support/samples.ts';
import { variants } from '../support/shop.ts';
import { createSigner } from './built.ts';
import { type ClientMessage, key, page, tokensInPage } from './streams-messages.ts';

const [port, count, isSigned] = [
  Number(process.argv[2]),
  Number(process.argv[3]),
  process.argv[4] === 'signed',
];

/** So many are being opened at a time: what a listening socket queues is bounded. */
const openedAtOnce = 100;
/** Fewer than there are ephemeral ports; beyond that the next address of the loopback is taken. */
const perAddress = 20_000;
/** The signatures of every so many pages are checked. */
const sampleEvery = 100;
const tokenUrl = /https:\/\/imagedelivery\.net\/[^\s"'<>,)]+sig=[0-9a-f]{64}/g;

const { verifyImage } = createSigner({ key, ttl: '1d', variants });
const original = page.toString();
/** One for all sockets: what came is copied out of it before the next read. */
const buffer = Buffer.alloc(65_536);

const totals = { bytes: 0, tokens: 0, verified: 0, errorCount: 0 };
const errors: string[] = [];
let [next, begun, ended] = [0, 0, 0];

function tell(message: ClientMessage): void {
  process.send!(message);
}

function fail(index: number, what: string): void {
  totals.errorCount++;
  if (errors.length < 5) errors.push(`stream ${index}: ${what}`);
}

function openNext(): void {
  if (next === count) return;
  const index = next++;
  const chunks: Buffer[] = [];
  let hasBegun = false;
  const begin = (): void => {
    if (hasBegun) return;
    hasBegun = true;
    if (++begun === count) tell({ opened: count - totals.errorCount });
    openNext();
  };
  const socket = connect({
    port,
    host: '127.0.0.1',
    ...(index >= perAddress && { localAddress: `127.0.0.${1 + Math.floor(index / perAddress)}` }),
    onread: {
      buffer,
      callback(length) {
        chunks.push(Buffer.from(buffer.subarray(0, length)));
        begin();
        return true;
      },
    },
  });
  socket.on('connect', () =>
    socket.write(
      `GET /${index} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\nConnection: close\r\n\r\n`,
    ),
  );
  socket.on('error', (error) => fail(index, error.message));
  socket.on('close', (hadError) => {
    if (!hadError) check(index, Buffer.concat(chunks));
    begin();
    if (++ended === count) tell({ result: { ...totals, errors } });
  });
}

function check(index: number, raw: Buffer): void {
  const { status, body, text, isComplete } = parse(raw);
  totals.bytes += body.length;
  const bare = withoutTokens(text);
  const tokens = text.split('sig=').length - 1;
  totals.tokens += tokens;
  const expected = isSigned ? tokensInPage : 0;
  if (status !== 200) fail(index, `status ${status}`);
  else if (!isComplete) fail(index, `ended after ${body.length} bytes`);
  else if (bare !== original) fail(index, 'the page is another one');
  else if (tokens !== expected) fail(index, `${tokens} tokens, not ${expected}`);
  else if (isSigned && index % sampleEvery === 0) verify(index, text);
}

function verify(index: number, text: string): void {
  for (const [url] of text.matchAll(tokenUrl)) {
    const answer = verifyImage(url.replaceAll('&amp;', '&'));
    if (!answer.ok) return fail(index, `${url}: ${answer.reason}`);
    totals.verified++;
  }
}

for (let index = 0; index < openedAtOnce; index++) openNext();
process.once('disconnect', () => process.exit());
