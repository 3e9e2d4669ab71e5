/** Encoded pages that stay open over fetch: what they hold is limited, and given back at their end, or when nobody reads them. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { type ImageSignerEvent, imageSigner } from '../../../src/fetch.ts';
import { maxTranscodingMemory } from '../../../src/text/limits.ts';
import { base, countTokens, url } from '../../support/samples.ts';

/** As many as may be open at a time; in `web/fetch/rewrite.ts` each of gzip counts as 320 KiB. */
const most = Math.floor(maxTranscodingMemory / (320 * 1024));
const page = gzipSync(`<img src="${url()}"><p>text</p>`);
const told = { type: 'passed', reason: 'too-many-encoded' };

interface Site {
  /** A page whose source ends, fails or waits for ever after its first bytes. */
  visit(end: 'ends' | 'fails' | 'waits'): Promise<Response>;
  readonly events: object[];
}

function makeSite(): Site {
  const events: object[] = [];
  const sign = imageSigner({
    ...base,
    report({ page: _page, ...event }: ImageSignerEvent) {
      if (event.type === 'passed') events.push(event);
    },
  } as never);
  const headers = {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Encoding': 'gzip',
    'Cache-Control': 'public, max-age=3600',
    ETag: '"a"',
  };
  const visit: Site['visit'] = (end) =>
    sign(new Request('https://shop.example/'), () => {
      const source = new ReadableStream({
        start: (controller) => controller.enqueue(page.subarray(0, 40)),
        pull(controller) {
          if (end === 'waits') return new Promise<void>(() => {});
          if (end === 'fails') return controller.error(new Error('the source has failed'));
          controller.enqueue(page.subarray(40));
          return controller.close();
        },
      });
      return new Response(source, { headers });
    });
  return { visit, events };
}

async function bytesOf(response: Response): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer());
}

async function isSigned(site: Site): Promise<boolean> {
  return countTokens(gunzipSync(await bytesOf(await site.visit('ends'))).toString()) === 1;
}

test('one page too many passes as it came, is stored by nobody, and is reported', async () => {
  const site = makeSite();
  const open: Response[] = [];
  for (let left = most; left > 0; left--) open.push(await site.visit('waits'));
  expect(site.events).toEqual([]);
  const passed = await site.visit('ends');
  expect([passed.headers.get('cache-control'), passed.headers.get('etag')]).toEqual([
    expect.stringContaining('no-store'),
    null,
  ]);
  expect(passed.headers.get('content-encoding')).toBe('gzip');
  expect((await bytesOf(passed)).equals(page)).toBe(true);
  expect(site.events).toEqual([told]);
  await open[0]!.body!.cancel();
  expect(await isSigned(site)).toBe(true);
  // The one that has been read to its end has given its place back as well.
  expect(await isSigned(site)).toBe(true);
  await Promise.all(open.slice(1).map((each) => each.body!.cancel()));
});

test('a page whose source fails gives its place back', async () => {
  const site = makeSite();
  for (let round = 0; round < most + 10; round++)
    await expect(bytesOf(await site.visit('fails'))).rejects.toThrow();
  expect(site.events.filter((event) => 'reason' in event && event.reason === told.reason)).toEqual([]);
  expect(await isSigned(site)).toBe(true);
});

test('a page that nobody can read any more gives its place back', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const site = makeSite();
  for (let left = most; left > 0; left--) await site.visit('ends');
  let rounds = 0;
  for (; rounds < 100 && !(await isSigned(site)); rounds++) {
    collect();
    await new Promise<void>((resolve) => setImmediate(resolve)); // the turn in which the collector tells what is gone
  }
  expect(rounds).toBeGreaterThan(0);
  expect(await isSigned(site)).toBe(true);
});
