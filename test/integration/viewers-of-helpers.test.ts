/** `authorize` and the helpers of a response: nobody gets a token from them for an image that they may not see. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { createSigner, type ImageSignerEvent, imageSigner } from '../../src/index.ts';
import { note } from '../support/events.ts';
import { accountHash, base, countTokens, id, instant, otherId, signerWith, url } from '../support/samples.ts';
import { type SignImage, servers } from '../support/servers/any-server.ts';
import { frameworks } from '../support/servers/frameworks.ts';
import { exchangeLater } from '../support/servers/in-memory.ts';

const control = 'public, max-age=31536000';
const json = { 'Content-Type': 'application/json', 'Cache-Control': control, ETag: '"a"' };
const own = { ...base, accountHash };
const refusing = { authorize: () => false };
const allowing = { authorize: () => true };
const throwing = (): never => {
  throw new Error('no');
};

describe.each(servers)('$name', ({ build }) => {
  /** What the helper gives is the body. */
  async function ask(options: object, sign: (signImage: SignImage) => string, headers: object = json) {
    const events: ImageSignerEvent[] = [];
    const report = (event: ImageSignerEvent): unknown => note(events, event);
    const app = (signImage: SignImage) => ({ headers: headers as typeof json, body: sign(signImage) });
    return { ...(await build({ ...own, report, ...options }, app)()), events };
  }
  const card = (signImage: SignImage): string => signImage(id, 'card');

  test.each<[title: string, options: object, expected: string, reason?: string]>([
    ['a plain URL where authorize says no', refusing, url('card'), 'not-authorized'],
    ['a plain URL where it gives 1', { authorize: () => 1 }, url('card'), 'not-authorized'],
    [
      'a plain URL where it gives a promise',
      { authorize: () => Promise.resolve(true) },
      url('card'),
      'authorize-not-synchronous',
    ],
    ['a plain URL where it throws', { authorize: throwing }, url('card'), 'authorize-threw'],
    ['deniedVariant', { ...refusing, deniedVariant: 'preview' }, url('preview'), 'not-authorized'],
    ['a token where it says yes', allowing, signerWith().signImage(url('card'))],
  ])('signImage gives %s, and each no is reported', async (_title, options, expected, reason) => {
    const { text, events } = await ask(options, card);
    expect(text).toBe(expected);
    const error = reason === 'authorize-threw' ? new Error('no') : undefined;
    const denied = 'deniedVariant' in options ? { deniedVariant: 'preview' } : {};
    expect(events).toEqual(
      reason === undefined ? [] : [{ type: 'skipped', url: url('card'), reason, error, ...denied }],
    );
  });

  test('a token that the URL carries is taken off', async () => {
    const signed = signerWith().signImage(url());
    expect((await ask(refusing, (signImage) => signImage(signed))).text).toBe(url());
  });

  test.each([
    ['allowed', allowing, 'private, max-age=43200'],
    ['refused', refusing, 'private, max-age=31536000'],
  ])('an answer for which authorize has %s is private, and has no tag', async (_title, options, expected) => {
    for (const rewrite of [undefined, { headers: false }, false]) {
      const { header } = await ask({ ...options, rewrite }, card);
      expect([header('cache-control'), header('etag')]).toEqual([expected, undefined]);
    }
  });

  test('fields that CDNs prefer do not make it shared', async () => {
    const headers = { ...json, 'CDN-Cache-Control': 'max-age=60', 'Surrogate-Control': 'max-age=60' };
    const { header } = await ask(allowing, card, headers);
    expect([header('cdn-cache-control'), header('surrogate-control')]).toEqual([undefined, undefined]);
  });

  test('authorize: false says that the app has decided: nobody is asked, and the answer is as it was', async () => {
    const { text, header } = await ask(refusing, (signImage) =>
      signImage(id, 'card', { authorize: false, ttl: '1h' }),
    );
    expect(text).toContain(`/card?exp=${instant / 1000 + 3600}`.slice(0, -4)); // within the step
    expect([header('cache-control'), header('etag')]).toEqual(['public, max-age=1800', '"a"']);
  });

  test('in a page, what the app has decided stays, and all else is asked for once', async () => {
    const asked: string[] = [];
    const authorize = (image: { readonly id: string }): boolean => asked.push(image.id) < 0;
    const { text, header } = await ask(
      { authorize },
      (signImage) =>
        `<img src="${signImage(url(), undefined, { authorize: false })}"><img src="${signImage(otherId, 'thumb')}"><img src="${url('thumb', otherId)}">`,
      { ...json, 'Content-Type': 'text/html' },
    );
    expect([countTokens(text), text.split(url('thumb', otherId)).length]).toEqual([1, 3]);
    expect([asked, header('etag')]).toEqual([[otherId], undefined]);
  });

  test('only a boolean is taken, and only if it is the call’s own', async () => {
    const calling = async (options: object): Promise<string> =>
      (
        await ask(refusing, (signImage) => {
          try {
            return signImage(url(), undefined, options);
          } catch (error) {
            return (error as Error).message;
          }
        })
      ).text;
    for (const authorize of [0, '', 'false', null, () => false])
      expect(await calling({ authorize })).toContain('`authorize`: expected false');
    expect(await calling({ authorize: true })).toBe(url());
    expect(await calling(Object.create({ authorize: false }))).toBe(url());
  });

  test('an always public variant is given to everybody, and asks nobody', async () => {
    const { text, header } = await ask(refusing, (signImage) => signImage(id, 'preview'));
    expect([text, header('cache-control')]).toEqual([url('preview'), control]);
  });
});

type Request = IncomingMessage & Express.Request;

describe.each(frameworks)('$name', (framework) => {
  const ask = async (options: object, handler: (request: Request, response: ServerResponse) => void) => {
    const events: ImageSignerEvent[] = [];
    const report = (event: ImageSignerEvent): unknown => note(events, event);
    const sign = imageSigner({ ...own, report, ...options } as never);
    return { ...(await exchangeLater(framework.build([sign], handler as never), '/')), events };
  };

  test('signSrcset decides each candidate as a page does', async () => {
    const authorize = ({ variant }: { readonly variant: string }): boolean => variant === 'thumb';
    const { text } = await ask(
      { authorize },
      (request, response) => void response.end(request.signSrcset(id)),
    );
    expect(text).toBe(`${signerWith().signImage(url())} 320w, ${url('card')} 640w`);
  });

  test.each<[type: string, headers: object, isTold: boolean]>([
    ['application/x-ndjson', { 'Cache-Control': 'max-age=60' }, true],
    ['application/x-ndjson', {}, true],
    ['application/x-ndjson', { 'Cache-Control': 'private, max-age=60' }, false],
    ['application/x-ndjson', { 'Cache-Control': 'no-store' }, false],
    ['text/html', { 'Cache-Control': 'public, max-age=60' }, false], // a page is private already
  ])('a helper that asks after the headers of %s with %j have gone out', async (type, headers, isTold) => {
    const { events } = await ask(allowing, (request, response) => {
      response.writeHead(200, { 'Content-Type': type, ...headers });
      response.write('[]\n');
      response.end(request.signImage(url()));
    });
    const reported = { type: 'passed', reason: 'late-authorize' };
    expect(events.filter((event) => !('reason' in event) || event.reason !== 'late-ttl')).toEqual(
      isTold ? [reported] : [],
    );
  });
});

test('a signer knows no viewer: it asks nobody, and takes no authorize', () => {
  const signer = createSigner({ ...own, ...refusing } as never);
  expect(countTokens(signer.signImage(url()))).toBe(1);
  expect(countTokens(signer.signSrcset(url()))).toBe(2);
  expect(() => signer.signImage(url(), undefined, { authorize: false } as never)).toThrow(
    "is not an option of a signer's signImage, which never asks authorize",
  );
});
