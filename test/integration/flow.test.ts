/** Bodies over time: slow readers, sources that fail, clients that leave, and a connection that is used ten thousand times. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { getDefaultHighWaterMark, pipeline, Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ImageSignerEvent, type ImageSignerOptions, imageSigner } from '../../src/index.ts';
import { note } from '../support/events.ts';
import { KeepAliveConnection } from '../support/http/keep-alive.ts';
import { requestsFor } from '../support/http/pipelined.ts';
import { exchange, parse, send } from '../support/http/raw.ts';
import { base, countTokens, url, withoutTokens } from '../support/samples.ts';
import { runs, shareOf } from '../support/seed.ts';
import { frameworks, type Handler, withSite } from '../support/servers/frameworks.ts';

const parts = [
  '<!DOCTYPE html><title>x</title>',
  `<img src="${url()}">`,
  `<p>text</p><img alt="" src="${url('card').slice(0, 40)}`,
  `${url('card').slice(40)}"><p style="color:red;`,
  `background:url(${url()})">text</p>`,
  '<!-- a comment <img> --><script>let a = "<img>";</script>',
];
const page = parts.join('');
/** What a socket takes before it says that it is full: 16 KiB, from Node.js 22 on 64 KiB. */
const highWaterMark = getDefaultHighWaterMark(false);

const get = 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n';

const events: ImageSignerEvent[] = [];
const warnings: Error[] = [];
const keepWarning = (warning: Error): void => void warnings.push(warning);
beforeEach(() => {
  events.length = 0;
  warnings.length = 0;
  process.on('warning', keepWarning);
});
afterEach(async () => {
  await nextTurn();
  process.off('warning', keepWarning);
  expect(warnings).toEqual([]);
  expect(events).toEqual([]);
});

const ours = () =>
  imageSigner({
    ...base,
    report: (event: ImageSignerEvent) => note(events, event),
  } as ImageSignerOptions);

function countListeners(emitter: NodeJS.EventEmitter): number {
  return emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
}

/** What of a page may not be held back: all but a tag that is still open. */
function upToOpenTag(text: string): string {
  return text.lastIndexOf('<') > text.lastIndexOf('>') ? text.slice(0, text.lastIndexOf('<')) : text;
}

describe.each(frameworks)('$name', (framework) => {
  test('thousands of requests on one socket: as many listeners at the end as at the start, and no warning', async () => {
    const counts = { plain: new Set<number>(), ours: new Set<number>() };
    for (const which of ['plain', 'ours'] as const) {
      const requests = which === 'plain' ? 20 : runs(framework === frameworks[0] ? 10 : 2);
      const listener = framework.build(which === 'plain' ? [] : [ours()], (request, response) => {
        response.setHeader('Content-Type', 'text/html').setHeader('Content-Length', page.length).end(page);
        counts[which].add(countListeners(request.socket) * 100 + countListeners(response));
      });
      await withSite(listener, async (port) => {
        const connection = await KeepAliveConnection.open(port);
        for (let asked = 0; asked < requests; asked++) await connection.send({ text: get });
        connection.close();
      });
    }
    const most = (set: Set<number>): number => Math.max(...set);
    const spread = (set: Set<number>): number => most(set) - Math.min(...set);
    expect(most(counts.ours) - most(counts.plain)).toBeLessThanOrEqual(1); // one on the response, none on the socket
    expect(spread(counts.ours)).toBe(spread(counts.plain));
  });

  describe.each<[way: string, start: (source: Readable, response: ServerResponse) => void, isCut: boolean]>([
    ['pipe', (source, response) => void source.pipe(response), false],
    [
      'pipe, with a length',
      (source, response) => void source.pipe(response.setHeader('Content-Length', page.length)),
      false,
    ],
    ['pipeline', (source, response) => void pipeline(source, response, () => {}), true],
  ])('a source that fails: %s', (_way, start, isCut) => {
    test.each(parts.map((_, at) => at))('after part %d, as without us: never a clean end', async (at) => {
      const outcomes = await Promise.all(
        [[], [ours()]].map(async (mounts) => {
          let hasEnded: boolean | undefined;
          const listener = framework.build(mounts, (_, response) => {
            response.setHeader('Content-Type', 'text/html');
            const source = Readable.from(partsUntil(at));
            start(source, response);
            source.on('error', () => {
              hasEnded = response.writableEnded;
              // What was sent is to arrive, so that it can be looked at: then the connection goes.
              if (!isCut) response.socket!.destroySoon();
            });
          });
          const raw = await withSite(listener, (port) => exchange(port, requestsFor([['GET', '/']])));
          return { hasEnded, raw };
        }),
      );
      const [plain, mine] = outcomes.map((each) => ({ ...each, response: parse(each.raw) }));
      expect(mine!.hasEnded).toBe(plain!.hasEnded);
      expect(mine!.hasEnded).toBe(false);
      expect(mine!.raw.toString()).not.toContain('\r\n0\r\n');
      if (at > 0) expect(mine!.response.isComplete).toBe(false);
      if (!isCut) expect(withoutTokens(mine!.response.text)).toBe(upToOpenTag(parts.slice(0, at).join('')));
      expect(page.startsWith(withoutTokens(mine!.response.text))).toBe(true);
    });
  });

  test('a client that leaves at any byte: nothing is thrown, reported or left behind', async () => {
    let closed = 0;
    const failures: unknown[] = [];
    const leave: Handler = async (request, response) => {
      response.on('close', () => closed++).on('error', (error) => failures.push(error));
      response.setHeader('Content-Type', 'text/html');
      const goesOn = request.url!.includes('go-on');
      for (const part of parts) {
        if (response.destroyed && !goesOn) return;
        response.write(part);
        await nextTurn();
      }
      response.end();
    };
    await withSite(framework.build([ours()], leave), async (port) => {
      const whole = (await exchange(port, requestsFor([['GET', '/']]))).length;
      const places = shareOf(
        Array.from({ length: whole + 1 }, (_, at) => at),
        5,
      );
      const batch = 40;
      for (let from = 0; from < places.length; from += batch) {
        await Promise.all(
          places
            .slice(from, from + batch)
            .map((at, index) => leaveAfter(port, at, index % 2 === 0 ? '/' : '/go-on')),
        );
      }
      // The site still answers, and whatever was begun is over.
      const last = await send(port, '/');
      expect([last.isComplete, withoutTokens(last.text), countTokens(last.text)]).toEqual([true, page, 3]);
      while (closed < places.length + 2) await nextTurn();
      expect(closed).toBe(places.length + 2);
    });
    expect(failures).toEqual([]);
  });
});

test('a reader that is slow holds the writer back: no more waits than Node lets wait, over 25 MB', async () => {
  const chunk = Buffer.from(`<p>${'text '.repeat(13_000)}</p><img src="${url()}"><img src="${url('card')}"`);
  const chunks = 400;
  const state = { mostWaiting: 0, largest: 0, stalls: 0 };
  let isOver = false;
  let wake = (): void => {};
  const listener = frameworks[0]!.build([ours()], async (_, response) => {
    response.setHeader('Content-Type', 'text/html');
    for (let i = 0; i < chunks; i++) {
      const before = response.writableLength;
      const isFree = response.write(chunk);
      state.largest = Math.max(state.largest, response.writableLength - before);
      state.mostWaiting = Math.max(state.mostWaiting, response.writableLength);
      if (isFree) continue;
      let hasDrained = false;
      response.once('drain', () => {
        hasDrained = true;
      });
      for (let turns = 0; turns < 20 && !hasDrained; turns++) await nextTurn();
      if (!hasDrained) state.stalls++;
      for (; !hasDrained; await nextTurn()) wake();
    }
    response.end(() => {
      isOver = true;
    });
    for (; !isOver; await nextTurn()) wake();
  });
  await withSite(listener, async (port) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(requestsFor([['GET', '/']])));
    let received = 0;
    let images = 0;
    socket.on('data', (data) => {
      received += data.length;
      for (let at = data.indexOf('&amp;sig='); at >= 0; at = data.indexOf('&amp;sig=', at + 1)) images++;
      if (!isOver) socket.pause(); // until the writer has nothing left to do but wait
    });
    wake = () => socket.resume();
    await once(socket, 'close');
    expect(received).toBeGreaterThan(chunk.length * chunks);
    expect(images).toBeGreaterThan(chunks * 1.9); // but for those that a cut between two packets hides
  });
  expect(state.stalls).toBeGreaterThan(10);
  expect(state.mostWaiting).toBeLessThanOrEqual(highWaterMark + state.largest);
  expect(state.largest).toBeLessThan(chunk.length + 1_024);
});

async function leaveAfter(port: number, bytes: number, target: string): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.write(requestsFor([['GET', target]]));
  await once(socket, 'connect');
  let left = bytes;
  // At most what is left is taken from the socket.
  while (left > 0 && !socket.readableEnded) {
    const taken = socket.read(Math.min(left, Math.max(1, socket.readableLength))) as Buffer | null;
    if (taken === null) await Promise.race([once(socket, 'readable'), once(socket, 'close')]);
    else left -= taken.length;
  }
  if (bytes === 0) await once(socket, 'readable'); // the server has begun
  socket.destroy();
  if (!socket.closed) await once(socket, 'close');
}

function* partsUntil(at: number): Generator<Buffer> {
  for (const part of parts.slice(0, at)) yield Buffer.from(part);
  throw new Error('the source has failed');
}
