/** `authorize` and the helpers of a response: nobody gets a token from them for an image that they may not see. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { createSigner, type ImageSignerEvent, imageSigner } from '../../src/index.ts';
import { type App, type SignImage, servers } from '../support/any-server.ts';
import { note } from '../support/events.ts';
import { frameworks } from '../support/frameworks.ts';
import { exchangeLater } from '../support/in-memory.ts';
import { accountHash, base, countTokens, id, instant, otherId, url } from '../support/samples.ts';

const json = { 'Content-Type': 'application/json', 'Cache-Control': 'public, max-age=31536000', ETag: '"a"' };
const own = { ...base, accountHash };
const refusing = { ...own, authorize: () => false };
const allowing = { ...own, authorize: () => true };
const skipped = (image: string, reason = 'not-authorized'): object => ({
  type: 'skipped',
  url: image,
  reason,
});

describe.each(servers)('$name', ({ build }) => {
  const answer =
    (sign: (signImage: SignImage) => string, type = 'application/json'): App =>
    (signImage) => ({ headers: { ...json, 'Content-Type': type }, body: sign(signImage) });

  test('who may not see an image gets its plain URL from signImage, and it is reported', async () => {
    const events: ImageSignerEvent[] = [];
    const report = (event: ImageSignerEvent): unknown => note(events, event);
    const ask = build(
      { ...refusing, report },
      answer((signImage) => signImage(id, 'card')),
    );
    expect((await ask()).text).toBe(url('card'));
    expect(events).toEqual([skipped(url('card'))]);
  });

  test('a token that the URL carries is taken off', async () => {
    let signed = '';
    await build(
      own,
      answer((signImage) => (signed = signImage(url()))),
    )();
    expect(countTokens(signed)).toBe(1);
    expect(
      (
        await build(
          refusing,
          answer((signImage) => signImage(signed)),
        )()
      ).text,
    ).toBe(url());
  });

  test('deniedVariant is given in the place of what is refused', async () => {
    const ask = build(
      { ...refusing, deniedVariant: 'preview' },
      answer((signImage) => signImage(id, 'card')),
    );
    expect((await ask()).text).toBe(url('preview'));
  });

  test('who may see it gets a token', async () => {
    const { text } = await build(
      allowing,
      answer((signImage) => signImage(id, 'card')),
    )();
    expect(text).toMatch(/\/card\?exp=\d+&sig=[0-9a-f]{64}$/);
  });

  test.each([
    ['allowed', allowing, 'private, max-age=43200'],
    ['refused', refusing, 'private, max-age=31536000'],
  ])('an answer for which authorize has %s is private, and has no tag', async (_title, options, control) => {
    for (const rewrite of [undefined, { headers: false }, false]) {
      const { header } = await build(
        { ...options, rewrite },
        answer((signImage) => signImage(url())),
      )();
      expect([header('cache-control'), header('etag')]).toEqual([control, undefined]);
    }
  });

  test('fields that CDNs prefer do not make it shared', async () => {
    const headers = { ...json, 'CDN-Cache-Control': 'max-age=60', 'Surrogate-Control': 'max-age=60' };
    const ask = build(allowing, (signImage) => ({ headers, body: signImage(url()) }));
    const { header } = await ask();
    expect([header('cdn-cache-control'), header('surrogate-control')]).toEqual([undefined, undefined]);
  });

  test('authorize: false says that the app has decided: nobody is asked, and the answer is as it was', async () => {
    const ask = build(
      refusing,
      answer((signImage) => signImage(id, 'card', { authorize: false, ttl: '1h' })),
    );
    const { text, header } = await ask();
    expect(text).toContain(`/card?exp=${instant / 1000 + 3600}`.slice(0, -4)); // within the step
    expect([header('cache-control'), header('etag')]).toEqual(['public, max-age=1800', '"a"']);
  });

  test('in a page, what the app has decided stays, and all else is asked for once', async () => {
    const asked: string[] = [];
    const authorize = (image: { readonly id: string }): boolean => asked.push(image.id) < 0;
    const page = (signImage: SignImage): string =>
      `<img src="${signImage(url(), undefined, { authorize: false })}"><img src="${signImage(otherId, 'thumb')}"><img src="${url('thumb', otherId)}">`;
    const { text, header } = await build({ ...own, authorize }, answer(page, 'text/html'))();
    expect(countTokens(text)).toBe(1);
    expect(text.split(url('thumb', otherId))).toHaveLength(3);
    expect([asked, header('etag')]).toEqual([[otherId], undefined]);
  });

  test('only a boolean is taken, and only if it is the call’s own', async () => {
    const failing = async (options: object): Promise<string> => {
      const ask = build(
        refusing,
        answer((signImage) => {
          try {
            return signImage(url(), undefined, options);
          } catch (error) {
            return (error as Error).message;
          }
        }),
      );
      return (await ask()).text;
    };
    for (const authorize of [0, '', 'false', null, () => false])
      expect(await failing({ authorize })).toContain('`authorize`: expected false');
    expect(await failing({ authorize: true })).toBe(url());
    expect(await failing(Object.create({ authorize: false }))).toBe(url());
  });

  test('an always public variant is given to everybody, and asks nobody', async () => {
    const { text, header } = await build(
      refusing,
      answer((signImage) => signImage(id, 'preview')),
    )();
    expect([text, header('cache-control')]).toEqual([url('preview'), json['Cache-Control']]);
  });

  test.each([
    ['gives a promise', () => Promise.resolve(true), 'authorize-not-synchronous'],
    [
      'throws',
      () => {
        throw new Error('no');
      },
      'authorize-threw',
    ],
    ['gives 1', () => 1, 'not-authorized'],
  ])('an authorize that %s refuses', async (_title, authorize, reason) => {
    const events: ImageSignerEvent[] = [];
    const report = (event: ImageSignerEvent): unknown => note(events, event);
    const ask = build(
      { ...own, authorize, report },
      answer((signImage) => signImage(url())),
    );
    expect((await ask()).text).toBe(url());
    const error = reason === 'authorize-threw' ? new Error('no') : undefined;
    expect(events).toEqual([{ ...skipped(url(), reason), error }]);
  });
});

type Request = IncomingMessage & Express.Request;
type Response = ServerResponse;

describe.each(frameworks)('$name', (framework) => {
  const ask = async (options: object, handler: (request: Request, response: Response) => void) => {
    const events: ImageSignerEvent[] = [];
    const report = (event: ImageSignerEvent): unknown => note(events, event);
    const listener = framework.build(
      [imageSigner({ ...own, report, ...options } as never)],
      handler as never,
    );
    return { ...(await exchangeLater(listener, '/')), events };
  };
  test('signSrcset decides each candidate as a page does', async () => {
    const authorize = ({ variant }: { readonly variant: string }): boolean => variant === 'thumb';
    const { text } = await ask({ authorize }, (request: Request, response: Response) => {
      response.end(request.signSrcset(id));
    });
    expect(text).toMatch(/^\S+\/thumb\?exp=\d+&sig=[0-9a-f]{64} 320w, (\S+) 640w$/);
    expect(text.split(', ')[1]).toBe(`${url('card')} 640w`);
  });

  test('a helper that asks after shareable headers have gone out is told', async () => {
    const late = (headers: object) => (request: Request, response: Response) => {
      response.writeHead(200, { 'Content-Type': 'application/x-ndjson', ...headers });
      response.write('[]\n');
      response.end(request.signImage(url()));
    };
    const reported = { type: 'passed', reason: 'late-authorize' };
    expect((await ask({ authorize: () => true }, late({ 'Cache-Control': 'max-age=60' }))).events).toEqual([
      reported,
    ]);
    expect((await ask({ authorize: () => true }, late({}))).events).toContainEqual(reported);
    for (const control of ['private, max-age=60', 'no-store'])
      expect((await ask({ authorize: () => true }, late({ 'Cache-Control': control }))).events).toEqual([]);
  });

  test('a page is private already when its headers go out', async () => {
    const { events } = await ask({ authorize: () => true }, (request: Request, response: Response) => {
      response.writeHead(200, { 'Content-Type': 'text/html', 'Cache-Control': 'public, max-age=60' });
      response.write('<p>');
      response.end(request.signImage(url()));
    });
    expect(events.filter(({ type }) => type === 'passed')).toEqual([]);
  });
});

test('a signer knows no viewer: it asks nobody, and takes no authorize', () => {
  const signer = createSigner(refusing as never);
  expect(countTokens(signer.signImage(url()))).toBe(1);
  expect(countTokens(signer.signSrcset(url()))).toBe(2);
  expect(() => signer.signImage(url(), undefined, { authorize: false } as never)).toThrow(
    "is not an option of a signer's signImage, which knows no viewer",
  );
});
