/** Pages that come again: what is remembered of them shows in no byte; over real servers. */
import { type IncomingMessage, type RequestListener, ServerResponse } from 'node:http';
import express, { type RequestHandler } from 'express';
import Koa from 'koa';
import { describe, expect, test } from 'vitest';
import { type ImageSignerEvent, type ImageSignerOptions, imageSigner } from '../../src/index.ts';
import { imageSigner as koaImageSigner } from '../../src/koa.ts';
import { defineScheme } from '../../src/schemes.ts';
import { note } from '../support/events.ts';
import { send } from '../support/http/raw.ts';
import { base, clockAt, countTokens, signerWith, url, withoutTokens } from '../support/samples.ts';
import { withSite } from '../support/servers/frameworks.ts';

const page = `<p>text</p><img src="${url()}"><img srcset="${url('card')} 2x">`;

/** What a handler needs here, of a response or of Koa's context. */
interface Answer {
  setHeader(name: string, value: string): unknown;
  end(body: string | Buffer): unknown;
}
type SignImage = Express.Request['signImage'];
type Respond = (answer: Answer, visit: number, signImage: SignImage) => void;

const complete = (options: object): object => ('scheme' in options ? options : { ...base, ...options });

/** As bytes, and as the text that Koa takes and gives. */
const servers: readonly { name: string; build(options: object, respond: Respond): RequestListener }[] = [
  {
    name: 'node:http',
    build(options, respond) {
      let visit = 0;
      const sign = imageSigner(complete(options) as ImageSignerOptions);
      return (request, response) =>
        sign(request, response, () => {
          response.setHeader('Content-Type', 'text/html');
          respond(response, visit++, (request as unknown as Express.Request).signImage);
        });
    },
  },
  {
    name: 'Koa',
    build(options, respond) {
      let visit = 0;
      return new Koa()
        .use((_ctx, next) => next()) // it might look at the body: text stays text
        .use(koaImageSigner(complete(options) as never))
        .use((ctx) => {
          ctx.type = 'html';
          const setHeader = (name: string, value: string): void => ctx.set(name, value);
          respond({ setHeader, end: (body) => Object.assign(ctx, { body }) }, visit++, ctx.signImage);
        })
        .callback();
    },
  },
];

test('a page arrives each time where what is written is taken with its memory', async () => {
  const sign = imageSigner(base);
  // Longer than what Node puts into memory that others have a part of, which cannot be taken.
  const long = `${page}<p>${'x'.repeat(70_000)}</p>`;
  const listener: RequestListener = (request, response) =>
    sign(request, response, () => response.setHeader('Content-Type', 'text/html').end(Buffer.from(long)));
  const { end } = ServerResponse.prototype; // inherited
  function taking(this: ServerResponse, chunk: Uint8Array<ArrayBuffer>): unknown {
    if (chunk.length === 0) return Reflect.apply(end, this, []);
    const taken = structuredClone(chunk, { transfer: [chunk.buffer] }); // as `enqueue` of a byte stream does
    return Reflect.apply(end, this, [Buffer.from(taken).toString()]);
  }
  Reflect.set(ServerResponse.prototype, 'end', taking);
  try {
    await withSite(listener, async (port) => {
      for (let visit = 0; visit < 5; visit++) {
        const { text } = await send(port, '/');
        expect([withoutTokens(text), countTokens(text)]).toEqual([long, 2]);
      }
    });
  } finally {
    Reflect.deleteProperty(ServerResponse.prototype, 'end');
  }
});

describe('what other middleware writes into the bytes of a page is in that response alone', () => {
  const images = `${page}<p>for visitor ?</p>${'.'.repeat(1000)}`;
  let visitor = 0;
  /** A text put in after the page is made, of the same length: a nonce, say, or a token of a form. */
  const name = <Bytes>(bytes: Bytes): Bytes => {
    const at = Buffer.isBuffer(bytes) ? bytes.indexOf('?</p>') : -1;
    if (at >= 0) (bytes as Buffer).write(String(visitor), at);
    return bytes;
  };
  const naming: RequestHandler = (_request, response, next) => {
    const { end } = response;
    response.end = function named(this: ServerResponse, chunk: unknown, ...more: unknown[]) {
      return Reflect.apply(end, this, [name(chunk), ...more]);
    } as never;
    next();
  };
  const sign = imageSigner({ ...base, report: false });
  const typed: RequestHandler = (_request, response, next) => void next(response.type('html') && undefined);
  const texts: RequestHandler = (_request, response) => void response.send(images);
  const plain: RequestHandler = (_request, response) => void response.send(images.replaceAll('src', 'alt'));
  const bytes: RequestHandler = (_request, response) => void response.type('html').send(Buffer.from(images));
  const over = (...all: RequestHandler[]): RequestListener => express().use(...all) as RequestListener;
  const koa = new Koa()
    .use((ctx, next) => next().then(() => void name(ctx.body)))
    .use(koaImageSigner(base as never))
    .use((ctx) => void Object.assign(ctx, { type: 'html', body: Buffer.from(images) }));

  test.each<[string, RequestListener]>([
    ['a text of Express, later middleware', over(sign, naming, texts)],
    ['a text of Express, earlier middleware', over(naming, sign, texts)],
    ['a text of Express without images', over(sign, naming, plain)],
    ['a text of Express, a method above ours', over(sign, typed, naming, texts)],
    ['a text of Express without images, a method above ours', over(sign, typed, naming, plain)],
    ['bytes in Express', over(sign, naming, bytes)],
    ['bytes in Koa', koa.callback()],
  ])('%s', async (_name, listener) => {
    const named: (string | undefined)[] = [];
    await withSite(listener, async (port) => {
      for (visitor = 1; visitor < 6; visitor++)
        named.push(/for visitor (.)/.exec((await send(port, '/')).text)?.[1]);
    });
    expect(named).toEqual(['1', '2', '3', '4', '5']);
  });
});

describe.each(servers)('$name', ({ build }) => {
  /** The texts of so many visits. */
  async function visits(
    options: object,
    count: number,
    respond: Respond,
    between: (visit: number) => void = () => {},
    headers: (visit: number) => Record<string, string> = () => ({}),
  ): Promise<string[]> {
    return withSite(build(options, respond), async (port) => {
      const texts: string[] = [];
      for (let visit = 0; visit < count; visit++) {
        texts.push((await send(port, '/', { headers: headers(visit) })).text);
        between(visit);
      }
      return texts;
    });
  }
  const showing =
    (html: string | Buffer): Respond =>
    (response) =>
      response.end(html);

  test.each([
    ["by default a URL is signed once, and a page's memory serves all later visits", {}, 1],
    ['without memory it is signed at each visit', { memory: 0 }, 5],
  ])('%s', async (_, options, times) => {
    let signed = 0;
    const scheme = defineScheme({
      name: 'counting',
      url: 'https://cdn.example',
      match: (bare) => ({ id: bare }),
      strip: (each) => each.replace(/\?t=\d+$/, ''),
      sign: (bare, { exp }) => `${bare}?t=${exp + 0 * signed++}`,
      fingerprint: 'counting',
    });
    const all = { scheme, ttl: '1h', now: base.now, ...options };
    const texts = await visits(all, 5, showing('<img src="https://cdn.example/a.jpg">'));
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]).toMatch(/a\.jpg\?t=\d+"/);
    expect(signed).toBe(times);
  });

  test('a page without an image is the same each time', async () => {
    expect(new Set(await visits({}, 4, showing('<p>text</p>')))).toEqual(new Set(['<p>text</p>']));
  });

  test('every visit gets the page that the first one got, and with the next step new tokens', async () => {
    const now = clockAt();
    const texts = await visits(
      { now },
      8,
      showing(page),
      (visit) => void (visit === 3 && now.advance(6 * 3600)),
    );
    expect(texts.map((text) => texts.indexOf(text))).toEqual([0, 0, 0, 0, 4, 4, 4, 4]);
    for (const text of texts) expect([withoutTokens(text), countTokens(text)]).toEqual([page, 2]);
  });

  test("the memory of a page stays the app's", async () => {
    const first = `${page}<p>${'x'.repeat(4_000)}</p>`;
    // Of one letter, all but one of every 60 or so go unseen by the fingerprint.
    const other = first.replace('xxx', 'xyx');
    const memory = Buffer.from(first);
    const texts = await visits({}, 6, (response, visit) => {
      // Written over, once the page that stood in it is known.
      if (visit > 2) memory.write(other);
      response.end(memory);
    });
    expect(texts.map(withoutTokens)).toEqual([first, first, first, other, other, other]);
  });

  test('the same bytes under another character set are another page', async () => {
    // Shifted text, and two images that are signed only where escapes mean nothing.
    const shifts = `<meta charset=iso-2022-jp>\x1b$B${page}\x1b(B`;
    const isKnown = (visit: number): boolean => visit % 8 < 4;
    const texts = await visits({}, 16, (response, visit) => {
      response.setHeader('Content-Type', isKnown(visit) ? 'text/html; charset=utf-8' : 'text/html');
      response.end(shifts);
    });
    expect(texts.map(countTokens)).toEqual(texts.map((_, visit) => (isKnown(visit) ? 2 : 0)));
  });

  test('pages that differ where nobody looks are told apart', async () => {
    const pages = Array.from({ length: 40 }, (_, at) => {
      const x = 'x'.repeat(4_000);
      return `${page}<p>${x.slice(0, 100 * at + 1)}y${x.slice(100 * at + 2)}</p>`;
    });
    const texts = await visits({}, 200, (response, visit) => response.end(pages[(visit * 7) % 40]!));
    for (const [visit, text] of texts.entries()) expect(withoutTokens(text)).toBe(pages[(visit * 7) % 40]);
  });

  describe('what a page became is not taken for the next one where that may get another', () => {
    test('with authorize', async () => {
      // Of node:http the request, of Koa the context: both have the headers.
      const authorize = (_image: unknown, viewer: unknown): boolean =>
        (viewer as IncomingMessage).headers['x-user'] === 'friend';
      const users = ['friend', 'friend', 'friend', 'stranger', 'friend', 'stranger'];
      const headers = (visit: number) => ({ 'x-user': users[visit]! });
      const texts = await visits({ authorize }, users.length, showing(page), () => {}, headers);
      expect(texts.map(countTokens)).toEqual(users.map((user) => (user === 'friend' ? 2 : 0)));
    });

    test('with a URL that signImage gave out', async () => {
      const now = clockAt();
      const own = { expiresAt: now() / 1000 + 60 };
      const short = signerWith({ now }).signImage(url(), undefined, own);
      const texts = await visits(
        { now },
        10,
        (response, visit, signImage) => {
          if (visit > 2 && visit < 5) signImage(url(), undefined, own);
          response.end(`<img src="${short}">`);
        },
        (visit) => void (visit === 7 && now.advance(60)),
      );
      // A token of an unknown signer that lives for a minute is signed anew. One that this signer has given out, here or in
      // an earlier response, stays until it expires.
      expect(texts.map((text) => text.includes(short))).toEqual(
        texts.map((_, visit) => visit > 2 && visit < 8),
      );
    });

    test('with a stored token, which is judged each time', async () => {
      const now = clockAt();
      const stored = signerWith({ now }).signImage(url(), undefined, { expiresAt: now() / 1000 + 86_500 });
      const between = (visit: number): void => void (visit === 3 && now.advance(200));
      const texts = await visits({ now }, 8, showing(`<img src="${stored}">`), between);
      expect(texts.map((text) => text.includes(stored))).toEqual(texts.map((_, visit) => visit < 4));
    });

    test('where there is something to report, each visit reports it', async () => {
      const events: ImageSignerEvent[] = [];
      const report = (event: ImageSignerEvent): void => note(events, event);
      await visits({ report }, 5, showing(`<img src="${url('huge')}">`));
      expect(events.length).toBe(5);
    });

    test('where a policy keeps style sheets as they are', async () => {
      const texts = await visits({}, 8, (response, visit) => {
        if (visit % 2 === 1) response.setHeader('Content-Security-Policy', "style-src 'sha256-abc'");
        response.end(`<style>p { background: url(${url()}) }</style>`);
      });
      expect(texts.map(countTokens)).toEqual([1, 0, 1, 0, 1, 0, 1, 0]);
    });
  });
});
