/**
 * The property of budgets, the half that is memory: whatever a page or an encoded body is made of, and however it is cut, one
 * response holds at most 1 MiB and 64 KiB of what has come; a page that is plain 64 KiB and what may begin an end tag. What
 * is held is what has come and has not gone out: nothing is signed here, so that the bytes that go out are those that came.
 */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { imageSigner as fetchImageSigner } from '../../../src/fetch.ts';
import { type ImageSignerEvent, type ImageSignerOptions, imageSigner } from '../../../src/index.ts';
import { note } from '../../support/events.ts';
import { hostilePages } from '../../support/generators/hostile-pages.ts';
import { pickFrom, randomFrom } from '../../support/generators/random.ts';
import { send } from '../../support/http/raw.ts';
import { runs, seed, shareOf } from '../../support/seed.ts';
import { withSite } from '../../support/servers/frameworks.ts';
import {
  chunksOf,
  type EndlessBody,
  endlessBodies,
  flushedBodies,
  heldBy,
  heldByJson,
  pieceSizes,
  unsigned,
} from './endless-bodies.ts';

const KiB = 1024;
/** A token of 64 KiB, and behind it what may be the beginning of an end tag. */
const mostOfPage = 64 * KiB + '</script'.length;
const most = 1024 * KiB + 64 * KiB;
const corrupt = [{ type: 'passed', reason: 'corrupt-body' }];

const random = randomFrom(seed);
const one = pickFrom(random);

test('of a plain page 64 KiB are held, whatever it is full of, and however it is cut', () => {
  for (const [name, pageOf] of shareOf(Object.entries(hostilePages), 6)) {
    for (const size of [64 * KiB, 300 * KiB].sort(() => random() - 0.5)) {
      const pieces = one(pieceSizes);
      expect([name, size, pieces, heldBy(pageOf(size), pieces) <= mostOfPage]).toEqual([
        name,
        size,
        pieces,
        true,
      ]);
    }
  }
});

test('a byte at a time it is no more', () => {
  for (let run = 0; run < runs(0.04); run++) {
    const name = one(Object.keys(hostilePages));
    expect([name, heldBy(hostilePages[name]!(64 * KiB + 100), 1) <= mostOfPage]).toEqual([name, true]);
  }
});

test('of JSON 64 KiB are held as well', async () => {
  const fillings = ['"', '"imagedelivery', '\\', '"\\u0061', '["imagedelivery"', '"a":"', ' ', '{'];
  for (const filling of fillings) {
    const body = Buffer.from(`["imagedelivery${filling.repeat(300 * KiB)}`).subarray(0, 300 * KiB);
    const pieces = one([512, 1_000, 4_096, 16_384]);
    const held = await heldByJson(body, pieces);
    expect([filling, pieces, held <= mostOfPage]).toEqual([filling, pieces, true]);
  }
});

/** What had come of the body when it was given up on, if it was, and all that went out. */
interface Outcome {
  readonly givenUpAt: number | undefined;
  readonly events: readonly ImageSignerEvent[];
  readonly sent: number;
  readonly isComplete: boolean;
  readonly out: Buffer;
}

const total = 3 * 1024 * KiB;

async function overNode(body: EndlessBody, size: number): Promise<Outcome> {
  const events: ImageSignerEvent[] = [];
  let given = 0;
  let givenUpAt: number | undefined;
  const sign = imageSigner({
    ...unsigned,
    report(event) {
      note(events, event);
      if (events.length > 0) givenUpAt ??= given;
    },
  } as ImageSignerOptions);
  const respond = async (response: ServerResponse): Promise<void> => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8').setHeader('Content-Encoding', body.coding);
    for (const chunk of chunksOf(body, size, total)) {
      given += chunk.length;
      if (!response.write(chunk)) await once(response, 'drain');
    }
    response.end();
  };
  const listener = (request: never, response: ServerResponse): unknown =>
    sign(request, response as never, () => void respond(response));
  const { body: out, isComplete } = await withSite(listener as never, (port) => send(port, '/'));
  return { givenUpAt, events, sent: given, isComplete, out };
}

async function overFetch(body: EndlessBody, size: number): Promise<Outcome> {
  const events: ImageSignerEvent[] = [];
  let given = 0;
  let givenUpAt: number | undefined;
  const sign = fetchImageSigner({
    ...unsigned,
    report(event: ImageSignerEvent) {
      note(events, event);
      if (events.length > 0) givenUpAt ??= given;
    },
  } as never);
  const chunks = chunksOf(body, size, total);
  const source = new ReadableStream(
    {
      pull(controller) {
        const { done, value } = chunks.next();
        if (done) return controller.close();
        given += value.length;
        controller.enqueue(value);
      },
    },
    { highWaterMark: 0 },
  );
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-encoding': body.coding };
  const response = await sign(new Request('https://shop.example/'), () => new Response(source, { headers }));
  const out = Buffer.from(await response.arrayBuffer());
  return { givenUpAt, events, sent: given, isComplete: true, out };
}

describe.each([
  ['Node.js', overNode],
  ['fetch', overFetch],
] as const)('over %s', (name, over) => {
  test.each(Object.entries(endlessBodies))(
    '%s: a megabyte of it is kept, then it passes, and is reported once',
    async (_title, body) => {
      for (const size of [one([1_000, 4_096, 16_384, 40_000]), 64 * KiB]) {
        const { givenUpAt, events, sent, isComplete, out } = await over(body, size);
        expect([size, events]).toEqual([size, corrupt]);
        // From version 24 on, a stream of the web takes what follows the first member of gzip for junk.
        if (name === 'Node.js') expect(givenUpAt).toBeGreaterThan(1024 * KiB);
        expect(givenUpAt).toBeLessThanOrEqual(most);
        expect(isComplete).toBe(true);
        expect(out.equals(Buffer.concat([...chunksOf(body, size, total)]))).toBe(true);
        expect(out.length).toBe(sent);
      }
    },
  );

  test.each(Object.entries(flushedBodies).filter(([, { coding }]) => name === 'Node.js' || coding !== 'br'))(
    '%s: no more than that is kept either',
    async (_title, body) => {
      // A flush sends nothing on before something is decoded, so that the body can still pass as it came.
      const { givenUpAt, events, isComplete } = await over(body, 64 * KiB);
      expect([events, givenUpAt! <= most, isComplete]).toEqual([corrupt, true, true]);
    },
  );
});
