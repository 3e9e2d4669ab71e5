/** URLs that a signer gave out with a `ttl` or `expiresAt` of their own, in pages that are rewritten later. */
import { describe, expect, test } from 'vitest';
import { createSigner, type ImageSignerEvent, type Signer } from '../../src/index.ts';
import { type App, type Got, servers } from '../support/any-server.ts';
import { note } from '../support/events.ts';
import { base, type Clock, clockAt, countTokens, signerWith, url } from '../support/samples.ts';

const year = 'public, max-age=31536000';
const html = { 'Content-Type': 'text/html', 'Cache-Control': year, ETag: '"a"' };

function img(...urls: string[]): string {
  return urls.map((each) => `<img src="${each.replaceAll('&', '&amp;')}">`).join('');
}

function signerAt(now: Clock): Signer {
  return createSigner({ ...base, now });
}

/** What a page says of its life: its lifetime, and whether it has a tag. */
function lifeOf({ header }: Got): [lifetime: string | undefined, hasTag: boolean] {
  return [header('cache-control'), header('etag') !== undefined];
}

const ordinary = ['public, max-age=43200', true];

describe.each(servers)('$name', ({ build }) => {
  test('a page keeps the URL while it is valid, may be kept for half of the time left, and has no tag', async () => {
    const now = clockAt();
    const signer = signerAt(now);
    const short = signer.signImage(url(), undefined, { expiresAt: now() / 1000 + 600 });
    const ask = build({ signer }, () => ({ headers: html, body: img(short, url('card')) }));
    const page = await ask();
    expect([page.text.includes(img(short)), countTokens(page.text)]).toEqual([true, 2]);
    expect(lifeOf(page)).toEqual(['public, max-age=300', false]);
    now.advance(500);
    expect(lifeOf(await ask())).toEqual(['public, max-age=50', false]);
    now.advance(100);
    const later = await ask();
    expect([later.text.includes(img(short)), countTokens(later.text)]).toEqual([false, 2]);
    expect(lifeOf(later)).toEqual(ordinary);
  });

  test('the helpers of another response count as the signer does', async () => {
    const given: string[] = [];
    const ask = build(base, (signImage) => {
      if (given.length === 0) given.push(signImage(url(), undefined, { ttl: 600 }));
      return { headers: html, body: img(...given) };
    });
    await ask();
    const page = await ask();
    expect(page.text).toBe(img(...given));
    // 600 seconds, and the rest of a step of 150.
    expect(lifeOf(page)).toEqual(['public, max-age=350', false]);
  });

  test('a page that has come often keeps its tokens, and then gets the URL all the same', async () => {
    const now = clockAt();
    const signer = signerAt(now);
    const unknown = signerWith({ now }).signImage(url(), undefined, { ttl: 600 });
    const ask = build({ signer }, () => ({ headers: html, body: img(unknown) }));
    for (let visit = 0; visit < 4; visit++) expect((await ask()).text).not.toBe(img(unknown));
    expect(signer.signImage(url(), undefined, { ttl: 600 })).toBe(unknown);
    for (let visit = 0; visit < 4; visit++) {
      const page = await ask();
      expect(page.text).toBe(img(unknown));
      expect(lifeOf(page)).toEqual(['public, max-age=350', false]);
    }
  });

  test('a URL that outlasts the step changes nothing of the page', async () => {
    const signer = signerWith();
    const long = signer.signImage(url(), undefined, { ttl: '30d' });
    const page = await build({ signer }, () => ({ headers: html, body: img(long) }))();
    expect(page.text).toBe(img(long));
    expect(lifeOf(page)).toEqual(ordinary);
  });

  test('with authorize the viewer is asked first', async () => {
    const signer = signerWith();
    const short = signer.signImage(url(), undefined, { ttl: 600 });
    const asked: string[] = [];
    const options = {
      signer,
      authorize(image: { readonly variant: string }) {
        asked.push(image.variant);
        return false;
      },
    };
    const page = await build(options, () => ({ headers: html, body: img(short) }))();
    expect([page.text, asked]).toEqual([img(url()), ['thumb']]);
  });

  test('no 304 goes out for a page that had such a URL', async () => {
    const now = clockAt();
    const signer = signerAt(now);
    let body = img(url());
    const app: App = (_signImage, header) =>
      header('if-none-match')?.includes('"a"')
        ? { status: 304, headers: { ETag: '"a"', 'Cache-Control': year }, body: null }
        : { headers: html, body };
    const ask = build({ signer }, app);
    const tag = (await ask()).header('etag')!;
    expect((await ask({ headers: { 'if-none-match': tag } })).status).toBe(304);
    body = img(signer.signImage(url(), undefined, { ttl: 60 }));
    const stored = await ask({ headers: { accept: 'text/html' } });
    expect([stored.status, ...lifeOf(stored)]).toEqual([200, expect.stringMatching(/=3\d$/), false]);
  });

  test('a Link header counts as the page does', async () => {
    const signer = signerWith();
    const short = signer.signImage(url(), undefined, { ttl: 600 });
    const page = await build({ signer }, () => ({
      headers: { ...html, Link: `<${short}>; rel=preload; as=image` },
      body: '<p>text</p>',
    }))();
    expect(page.header('link')).toContain(short);
    expect(lifeOf(page)).toEqual(['public, max-age=350', false]);
  });

  test('JSON counts as the page does', async () => {
    const signer = signerWith();
    const short = signer.signImage(url(), undefined, { ttl: 600 });
    const page = await build({ signer, rewrite: { json: true } }, () => ({
      headers: { ...html, 'Content-Type': 'application/json' },
      body: JSON.stringify([short]),
    }))();
    expect(JSON.parse(page.text)).toEqual([short]);
    expect(lifeOf(page)).toEqual(['public, max-age=350', false]);
  });
});

describe('rewriteHtml', () => {
  const signer = signerWith();

  test('keeps the URLs of signImage and of each candidate of signSrcset, even with a longer ttl', () => {
    const srcset = signer.signSrcset(`${url()}#a, b,`, { thumb: '1x', card: '2x' }, { ttl: 600 });
    const short = signer.signImage(url(), undefined, { ttl: 600 });
    const page = `<img srcset="${srcset.replaceAll('&', '&amp;')}">${img(short)}`;
    expect(signer.rewriteHtml(page, { ttl: '7d' })).toBe(page);
  });

  test('signs what nobody has given out in exactly this text', () => {
    const short = signer.signImage(url(), undefined, { ttl: 600 });
    const forged = short.replace(/exp=\d+/, 'exp=99999999999');
    for (const other of [forged, `${short}#top`, short.replace('https:', '')]) {
      const signed = signer.rewriteHtml(img(other));
      expect(signed).not.toBe(img(other));
      expect(countTokens(signed)).toBe(1);
    }
  });

  test('forgets some of many URLs, but none of the last thousand, however long they are', () => {
    const { signImage, rewriteHtml } = signerWith();
    const first = signImage(url('thumb', 'first'), undefined, { ttl: 600 });
    const long = signImage(url('thumb', 'x'.repeat(400)), undefined, { ttl: 600 });
    expect(rewriteHtml(img(first, long))).toBe(img(first, long));
    const others = Array.from({ length: 15_000 }, (_, i) =>
      signImage(url('thumb', `other-${i}`), undefined, { ttl: 600 }),
    );
    const stays = (given: string): boolean => rewriteHtml(img(given)) === img(given);
    const kept = others.filter(stays).length;
    expect(kept).toBeGreaterThan(5_000);
    expect(kept).toBeLessThanOrEqual(10_000);
    expect(others.slice(-1_000).every(stays)).toBe(true);
  });

  test('names of an object’s own members are URLs of nobody', () => {
    const page = img('__proto__', 'constructor');
    expect(signer.rewriteHtml(page)).toBe(page);
  });
});

test('a URL that is found after the headers went out is reported, once', async () => {
  const events: ImageSignerEvent[] = [];
  const signer = signerWith();
  const [first, second] = [600, 60].map((ttl) => signer.signImage(url(), undefined, { ttl }));
  const { build } = servers.find(({ name }) => name === 'fetch')!;
  const app = (): never =>
    ({
      headers: html,
      body: new ReadableStream({
        async start(controller) {
          controller.enqueue(Buffer.from('<p>'));
          await new Promise(setImmediate);
          controller.enqueue(Buffer.from(img(first!, second!)));
          controller.close();
        },
      }),
    }) as never;
  const page = await build({ signer, report: (event: ImageSignerEvent) => note(events, event) }, app)();
  expect(page.text).toBe(`<p>${img(first!, second!)}`);
  expect(events).toEqual([{ type: 'passed', reason: 'late-ttl' }]);
});
