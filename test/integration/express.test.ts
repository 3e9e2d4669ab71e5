/** What Express alone has: helpers in `res.locals`, data of views, and the guard in front of `express.static`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type express from 'express';
import { afterAll, describe, expect, test } from 'vitest';
import { type ImageSignerEvent, type ImageSignerOptions, imageGuard, imageSigner } from '../../src/index.ts';
import { note } from '../support/events.ts';
import { type RawResponse, send } from '../support/http/raw.ts';
import { accountHash, base, countTokens, id, otherAccount, signerWith, url } from '../support/samples.ts';
import { createFolder, expresses } from '../support/servers/express-site.ts';
import { withSite } from '../support/servers/frameworks.ts';

const folder = createFolder();
afterAll(() => folder.remove());
writeFileSync(join(folder.path, 'data.ejs'), '<%- JSON.stringify({ a: shop, b: own, c: settings.title }) %>');

const signer = signerWith();
const gravatar = 'https://www.gravatar.com/avatar/0';
const data = 'data:image/gif;base64,R0lGODlhAQABAAAAACw=';

type Helper = (image: unknown, ...more: unknown[]) => unknown;
type Helpers = Readonly<Record<'signImage' | 'signSrcset', Helper>>;

describe.each(expresses)('%s', (_name, create) => {
  /** What an app answers, and what is reported. */
  async function visit(options: object, answer: express.RequestHandler): Promise<[RawResponse, unknown[]]> {
    const events: unknown[] = [];
    const report = (event: ImageSignerEvent): void => note(events, event);
    const app = create().set('views', folder.path).set('view engine', 'ejs');
    app.use(imageSigner({ ...base, report, ...options } as ImageSignerOptions)).get('/', answer);
    return [await withSite(app, (port) => send(port, '/')), events];
  }

  test.each<[image: unknown, told: string, reason: string]>([
    [gravatar, gravatar, 'not-a-delivery-url'],
    [url('thumb', id, otherAccount), url('thumb', id, otherAccount), 'account-not-allowed'],
    [url('original'), url('original'), 'variant-not-allowed'],
    ['/static/logo.svg', '/static/logo.svg', 'not-a-delivery-url'],
    [data, data, 'not-a-delivery-url'],
    [null, 'null', 'not-a-delivery-url'],
    [undefined, 'undefined', 'not-a-delivery-url'],
    [42, '42', 'not-a-delivery-url'],
    [false, 'false', 'not-a-delivery-url'],
    [{ id }, 'object', 'not-a-delivery-url'],
    [[id], 'object', 'not-a-delivery-url'],
  ])('views get %j back as it is, and it is reported as %s', async (image, told, reason) => {
    const given: unknown[] = [];
    const [, events] = await visit({ accountHash }, (_, res) => {
      const { signImage, signSrcset } = res.locals as Helpers;
      given.push(signImage(image), signSrcset(image, { thumb: '1x' }));
      res.end();
    });
    expect([given[0], reason === 'variant-not-allowed' ? image : given[1]]).toEqual([image, image]);
    expect(events[0]).toEqual({ type: 'skipped', url: told, reason });
  });

  test.each<[title: string, name: keyof Helpers, args: readonly unknown[], code: string]>([
    ['a variant that is not on the list', 'signImage', ['original'], 'VARIANT_NOT_ALLOWED'],
    ['a candidate that is not on the list', 'signSrcset', [{ original: '1x' }], 'VARIANT_NOT_ALLOWED'],
    ['a descriptor that is none', 'signSrcset', [{ thumb: 320 }], 'INVALID_OPTION'],
    ['a ttl that is none', 'signImage', [undefined, { ttl: '1 day' }], 'INVALID_OPTION'],
    ['an expiry that is none', 'signImage', [undefined, { expiresAt: 1.5 }], 'INVALID_OPTION'],
    ['an option that there is not', 'signImage', [undefined, { expires: 60 }], 'INVALID_OPTION'],
  ])("a template's own mistake is thrown, whatever the data: %s", async (_title, name, args, code) => {
    await visit({}, (_, res) => {
      for (const image of [url(), gravatar, null])
        expect(() => (res.locals as Helpers)[name](image, ...args)).toThrow(
          expect.objectContaining({ code }),
        );
      res.end();
    });
  });

  const locals = { rewrite: { locals: true, html: false } };

  test('with rewrite.locals a view gets signed copies; what the app holds is as it was', async () => {
    const shop = Object.freeze({ hero: url(), list: Object.freeze([url('card'), 'text']) });
    const own = { nested: { hero: url('card') } };
    let after: unknown;
    const [{ text }] = await visit(locals, (_, res) => {
      res.locals['shop'] = shop;
      res.render('data', { own, settings: { title: 'x' } }, (error, text) => {
        after = [error, res.locals['shop'], own];
        res.send(text);
      });
    });
    expect(JSON.parse(text)).toEqual({
      a: { hero: signer.signImage(url()), list: [signer.signImage(url('card')), 'text'] },
      b: { nested: { hero: signer.signImage(url('card')) } },
      c: 'x',
    });
    expect(after).toEqual([null, shop, { nested: { hero: url('card') } }]);
  });

  test('a value that will not be looked at leaves the data as it is, and is reported', async () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const [{ text }, events] = await visit(locals, (_, res) =>
      res.render('data', { shop: url(), own: 1, settings: {}, strange: { proxy } }),
    );
    expect([JSON.parse(text).a, countTokens(text)]).toEqual([url(), 0]);
    expect(events).toEqual([{ type: 'passed', reason: 'internal-error', error: expect.any(TypeError) }]);
  });

  test('the guard lets express.static deliver files by their type, as fresh as their tokens', async () => {
    const signer = signerWith({ delivery: '/images', accountHash });
    const files = join(folder.path, 'images');
    mkdirSync(join(files, id), { recursive: true });
    writeFileSync(join(files, id, 'thumb.png'), 'picture');
    const serve = create.static(files, { extensions: ['png'], cacheControl: false });
    const app = create().use(`/images/${accountHash}`, imageGuard({ signer }), serve);
    const signed = signer.signImage(id, 'thumb');
    const lifetime = `private, max-age=${Number(/exp=(\d+)/.exec(signed)![1]) - base.now!() / 1000}`;
    await withSite(app, async (port) => {
      const image = await send(port, signed);
      expect([image.status, image.header('content-type')]).toEqual([200, 'image/png']);
      const again = await send(port, signed, { headers: { 'if-none-match': image.header('etag')! } });
      const part = await send(port, signed, { headers: { range: 'bytes=0-3' } });
      expect([again.status, part.status]).toEqual([304, 206]);
      for (const { header } of [image, again, part]) expect(header('cache-control')).toBe(lifetime);
      const none = await send(port, signer.signImage('no-such-image', 'thumb'));
      expect([none.status, none.header('cache-control')]).toEqual([404, 'no-store']);
      expect((await send(port, signed.split('?')[0]!)).status).toBe(403);
    });
  });
});
