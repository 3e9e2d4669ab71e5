/**
 * What a client of the delivery gets: images, refusals, and their headers.
 * Longer than most files: it holds what every client of a delivery may count on.
 */
import { randomBytes } from 'node:crypto';
import { promises, rmSync, utimesSync } from 'node:fs';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import express from 'express';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createDelivery } from '../../src/delivery/handler.ts';
import type { FolderDisk } from '../../src/delivery/picture-folder.ts';
import { imageDelivery } from '../../src/delivery.ts';
import { createSigner } from '../../src/index.ts';
import { bunny, cloudflareImages, s3 } from '../../src/schemes.ts';
import { exchange, send } from '../support/http/raw.ts';
import { moment } from '../support/moment.ts';
import { accountHash, id, instant, key, otherAccount, signerWith } from '../support/samples.ts';
import {
  animation,
  closeSites,
  type DeliverySite,
  deliveryOf,
  deliverySite,
  newFolder,
  photo,
  pixel,
  serve,
  signed,
  targetOf,
  variants,
  writeFiles,
} from '../support/servers/delivery-site.ts';

const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
const withoutSharp = { loadSharp: async () => undefined };
const browser = { accept: 'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8' };

let folder: string;
let site: DeliverySite;

beforeAll(async () => {
  folder = newFolder();
  writeFiles(folder, {
    'sunset.jpg': await photo(),
    '2026/harbour.jpg': await photo(300, 300),
    'é ü.jpg': await photo(),
    'moving.gif': await animation(),
    'logo.svg': svg,
    'lying.jpg': await sharp(await photo())
      .png()
      .toBuffer(),
    'broken.jpg': (await photo()).subarray(0, 500),
    'notes.txt': 'no image',
    'press/notes.txt': 'no image',
    'page.jpg': '<!DOCTYPE html><script>alert(1)</script>',
    'press/release.jpg': await photo(),
  });
  site = await deliverySite(folder);
});
afterAll(closeSites);

describe('a picture', () => {
  test('is private, for as long as its token lasts', async () => {
    const answer = await site.ask(signed('sunset'));
    expect(answer.status).toBe(200);
    expect(answer.header('content-type')).toBe('image/jpeg');
    const left = Number(new URLSearchParams(signed('sunset').split('?')[1]).get('exp')) - instant / 1000;
    expect(answer.header('cache-control')).toBe(`private, max-age=${left}`);
    expect(answer.header('vary')).toBe('Accept');
    expect(answer.header('x-content-type-options')).toBe('nosniff');
    expect(answer.header('cross-origin-resource-policy')).toBe('cross-origin');
    expect(answer.header('access-control-allow-origin')).toBe('*');
    expect(await sharp(answer.body).metadata()).toMatchObject({ width: 100, height: 50, format: 'jpeg' });
  });

  test('is public and stale for two hours, if its variant needs no token', async () => {
    const answer = await site.ask(`/${accountHash}/sunset/preview`);
    expect(answer.status).toBe(200);
    expect(answer.header('cache-control')).toBe('public, max-age=172800, stale-while-revalidate=7200');
  });

  test.each([
    ['sunset', browser, 'image/avif', 'heif'],
    ['sunset', { accept: 'image/webp,*/*' }, 'image/webp', 'webp'],
    ['sunset', { accept: '*/*' }, 'image/jpeg', 'jpeg'],
    ['moving', browser, 'image/webp', 'webp'],
    ['moving', {}, 'image/gif', 'gif'],
    ['lying', {}, 'image/png', 'png'],
    ['lying.jpg', { accept: 'image/webp' }, 'image/webp', 'webp'],
  ])('%s for %j is %s', async (image, headers, type, format) => {
    const answer = await site.ask(signed(image), { headers });
    expect(answer.status).toBe(200);
    expect(answer.header('content-type')).toBe(type);
    expect(answer.header('vary')).toBe('Accept');
    expect((await sharp(answer.body).metadata()).format).toBe(format);
  });

  test('that is an SVG goes out as it is, and may do nothing', async () => {
    const answer = await site.ask(signed('logo', 'card'), { headers: browser });
    expect(answer.text).toBe(svg);
    expect(answer.header('content-type')).toBe('image/svg+xml');
    expect(answer.header('content-security-policy')).toBe(
      "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    );
  });

  test.each([
    ['', 'sunset'],
    ['/cdn-cgi/imagedelivery', 'sunset'],
    ['', '2026/harbour'],
    ['/cdn-cgi/imagedelivery', '2026/harbour.jpg'],
    ['', 'é ü'],
  ])('is at %j, by the id %j', async (base, image) => {
    expect((await site.ask(`${base}${signed(image)}`)).status).toBe(200);
    expect((await site.ask(`${base}${signed(image, 'preview').split('?')[0]}`)).status).toBe(200);
  });

  test('is at the paths that `delivery` names', async () => {
    const delivery = ['https://shop.example/photos', { base: '/short', accountHash }];
    const shop = await deliverySite(folder, { delivery });
    const { pathname, search } = new URL(signed('sunset'), 'http://x');
    expect((await shop.ask(`/photos${pathname}${search}`)).status).toBe(200);
    expect((await shop.ask(`/short/sunset/thumb${search}`)).status).toBe(200);
    expect((await shop.ask(`${pathname}${search}`)).status).toBe(200);
    expect((await shop.ask('/short/sunset/thumb')).status).toBe(403);
  });

  test('has the same headers for HEAD, and no body', async () => {
    const preview = `/${accountHash}/sunset/preview`;
    for (const target of [signed('sunset'), signed('logo'), preview, signed('nothing')]) {
      const [get, head] = [await site.ask(target), await site.ask(target, { method: 'HEAD' })];
      const fieldsOf = ({ headers }: typeof get) => headers.filter(([name]) => name !== 'date');
      expect([head.status, fieldsOf(head)]).toEqual([get.status, fieldsOf(get)]);
      expect(head.body.length).toBe(0);
    }
  });
});

describe('a refusal', () => {
  const good = signed('sunset');
  const [path, query] = good.split('?') as [string, string];

  test.each<[string, string, number, number | undefined]>([
    ['no token', path, 403, 9425],
    ['a changed token', good.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')), 403, 9425],
    ['the token of another variant', `${path.replace('thumb', 'card')}?${query}`, 403, 9425],
    ['the token of another image', `${path.replace('sunset', 'lying')}?${query}`, 403, 9425],
    ['an expired token', good.replace(/exp=\d+/, 'exp=1000000000'), 403, 9425],
    ['an unknown variant', `/${accountHash}/sunset/large?${query}`, 403, 9425],
    ['a flexible variant', `/${accountHash}/sunset/w=400,h=300`, 403, 9429],
    ['another account', `/${otherAccount}/sunset/thumb?${query}`, 403, 9427],
    ['another account below the prefix', `/cdn-cgi/imagedelivery/${otherAccount}/sunset/thumb`, 403, 9427],
    ['another spelling', `/${accountHash}/%73unset/thumb?${query}`, 403, 9426],
    ['a dot segment', `/${accountHash}/x/../sunset/thumb?${query}`, 403, 9426],
    ['a trailing slash', `${path}/?${query}`, 403, 9426],
    ['no id', `/${accountHash}/thumb`, 404, 9431],
    ['the root', '/', 404, 9431],
    ['an image that is not there', signed('nothing'), 404, 9431],
    ['an image of two files', signed('nothing/at/all'), 404, 9431],
    ['a file that is no image', signed('notes.txt'), 404, 9431],
    ['a page that is named like an image', signed('page.jpg'), 404, 9431],
    ['a folder', signed('2026'), 404, 9431],
    ['a truncated image', signed('broken'), 415, 9412],
  ])('for %s is Cloudflare’s', async (_, target, status, code) => {
    const answer = await site.ask(target, { headers: browser });
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(new RegExp(`^ERROR ${code}: .+\n$`));
    expect(answer.header('cf-images')).toBe(`err=${code}`);
    expect(answer.header('cache-control')).toBe('no-store');
    expect(answer.header('content-type')).toBe('text/plain; charset=utf-8');
    expect(answer.header('x-content-type-options')).toBe('nosniff');
    expect(answer.header('etag')).toBeUndefined();
  });

  test('says nothing of what there is to whoever has no token', async () => {
    const answers = new Set<string>();
    for (const image of ['sunset', 'nothing', 'notes.txt', 'broken', '.env']) {
      const { status, text } = await site.ask(`/${accountHash}/${image}/thumb`);
      answers.add(`${status} ${text}`);
    }
    expect(answers.size).toBe(1);
  });

  test('for more pixels than the limits allow is 413', async () => {
    const small = await deliverySite(folder, { limits: { megapixels: 0.001 } });
    const answer = await small.ask(signed('sunset'));
    expect([answer.status, answer.header('cf-images')]).toEqual([413, 'err=9413']);
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('for %s is 405', async (method) => {
    const answer = await site.ask(signed('sunset'), { method });
    expect([answer.status, answer.header('allow')]).toEqual([405, 'GET, HEAD']);
  });

  test('is reported with its reason, without the token', async () => {
    const quiet = await deliverySite(folder);
    await quiet.ask(good.replace(/exp=\d+/, 'exp=1000000000'));
    await quiet.ask(path);
    expect(quiet.events).toMatchObject([
      { type: 'refused', reason: 'bad-signature', page: `GET ${path}` },
      { type: 'refused', reason: 'missing-signature', url: path },
    ]);
    expect(JSON.stringify(quiet.events)).not.toContain('sig=');
  });
});

describe('isPublic', () => {
  test('lets an image through in any variant that is allowed, by its one name', async () => {
    const asked: string[] = [];
    const open = await deliverySite(folder, {
      isPublic(image: { id: string; file: string }) {
        asked.push(`${image.id} ${image.file}`);
        return image.file === 'press/release.jpg';
      },
    });
    const pathOf = (image: string, variant = 'thumb'): string => `/${accountHash}/${image}/${variant}`;
    for (const image of ['press/release', 'press/release.jpg']) {
      const answer = await open.ask(pathOf(image));
      expect(answer.status, image).toBe(200);
      expect(answer.header('cache-control')).toBe('public, max-age=172800, stale-while-revalidate=7200');
    }
    expect(asked).toEqual(['press/release press/release.jpg', 'press/release.jpg press/release.jpg']);
    expect((await open.ask(pathOf('press/release', 'large'))).status).toBe(403);
    expect((await open.ask(pathOf('sunset'))).status).toBe(403);
    expect((await open.ask(pathOf('press/nothing'))).status).toBe(403);
    // With a token it is the same image.
    expect((await open.ask(signed('press/release'))).header('cache-control')).toMatch(/^public/);
    expect((await open.ask(signed('sunset'))).status).toBe(200);
  });

  test('shows later middleware the image with its path', async () => {
    const seen: unknown[] = [];
    const open = await deliverySite(
      folder,
      { isPublic: () => true },
      {},
      (handler) => (request, response) => {
        response.on('finish', () => seen.push(Reflect.get(request, 'signedImage')));
        handler(request, response, () => {});
      },
    );
    const path = `/${accountHash}/press/release/thumb`;
    await open.ask(path);
    await open.ask(`/cdn-cgi/imagedelivery${path}`);
    expect(seen).toMatchObject([
      { isPublic: true, path, file: 'press/release.jpg' },
      { isPublic: true, path },
    ]);
  });

  test('that throws is a no, and is reported', async () => {
    const isPublic = (): never => {
      throw new Error('no');
    };
    const closed = await deliverySite(folder, { isPublic });
    expect((await closed.ask(`/${accountHash}/sunset/thumb`)).status).toBe(403);
    expect((await closed.ask(signed('sunset'))).status).toBe(200);
    const mistakes = closed.events.filter(({ type }) => type === 'passed');
    expect(mistakes).toMatchObject([{ reason: 'is-public-threw' }, { reason: 'is-public-threw' }]);
  });
});

describe('beside an app', () => {
  test('in Express, what is no image of the site goes on to the routes', async () => {
    const app = express();
    app.use(imageDelivery({ directory: folder, signer: signerWith({ variants, accountHash }) }));
    app.use((_request, response) => void response.send('the app'));
    const port = await serve(app);
    for (const target of ['/', '/about', '/api/users/7', `/${otherAccount}/sunset/thumb`])
      expect((await send(port, target)).text, target).toBe('the app');
    for (const [target, status] of [
      [signed('sunset'), 200],
      [`/${accountHash}/sunset/thumb`, 403],
      ['/cdn-cgi/imagedelivery/x', 403],
    ] as const)
      expect((await send(port, target)).status, target).toBe(status);
  });

  test('mounted, it goes by the path that the client sent, and keeps the headers of the app', async () => {
    const app = express();
    app.use((_request, response, next) => {
      response.setHeader('Cache-Control', 'public, max-age=60');
      response.setHeader('Vary', 'Origin');
      next();
    });
    const signer = signerWith({ variants, accountHash, delivery: '/images' });
    let wentOn = false;
    app.use('/images', imageDelivery({ directory: folder, signer }), () => {
      wentOn = true;
    });
    const port = await serve(app);
    const answer = await send(port, signer.signImage('sunset', 'thumb'));
    expect(answer.status).toBe(200);
    expect(answer.header('cache-control')).toBe('private, max-age=60');
    expect(answer.header('vary')).toBe('Origin, Accept');
    const open = await send(port, signer.signImage('sunset', 'preview'));
    expect(open.header('cache-control')).toBe('public, max-age=60');
    expect(wentOn).toBe(false);
  });

  test('the verification is on the request, with the name of the file', async () => {
    let asked: object = {};
    const own = await deliverySite(folder, {}, {}, (handler) => (request, response) => {
      handler(request, response);
      asked = request;
    });
    await own.ask(signed('2026/harbour'));
    const image = { id: '2026/harbour' };
    expect(Reflect.get(asked, 'signedImage')).toMatchObject({ ok: true, file: '2026/harbour.jpg', image });
  });

  test('a signer whose variants have no sizes gets them from `variants` beside it', async () => {
    const signer = signerWith({ variants: ['thumb'], accountHash });
    const options = { directory: folder, signer, variants: { thumb: { width: 10 } } };
    const port = await serve(createDelivery(options));
    const { body } = await send(port, targetOf(signer.signImage('sunset', 'thumb')));
    expect((await sharp(body).metadata()).width).toBe(10);
  });

  test('a key that a function gives is waited for, and is 503 while there is none', async () => {
    const late = await deliverySite(folder, { key: async () => key });
    expect((await late.ask(signed('sunset'))).status).toBe(200);
    const none = await deliverySite(folder, { key: () => Promise.reject(new Error('no')) });
    expect((await none.ask(signed('sunset'))).status).toBe(503);
  });
});

describe('of other stores', () => {
  const times = { ttl: '1d', now: () => instant } as const;
  const schemes = {
    s3: s3({
      url: 'http://localhost:9000/photos',
      region: 'auto',
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'a-secret-for-tests-0123456789' },
      prefixes: ['2026/', 'press/'],
    }),
    bunny: bunny({
      url: ['/pull', 'https://shop.b-cdn.net'],
      key: 'a-key-for-tests-that-is-long',
      prefixes: ['2026/', 'press/'],
    }),
  };

  test.each(Object.entries(schemes))('%s gets originals, with plain refusals', async (_, scheme) => {
    const signer = createSigner({ scheme, ...times });
    const port = await serve(createDelivery({ directory: folder, signer, report: false }));
    const target = (name: string): string => targetOf(signer.signImage(name));
    const answer = await send(port, target('2026/harbour.jpg'), { headers: browser });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual(await photo(300, 300));
    expect(answer.header('vary')).toBeUndefined();
    expect(answer.header('cache-control')).toMatch(/^private, max-age=\d+$/);
    const refused = await send(port, target('2026/harbour.jpg').split('?')[0]!);
    expect([refused.status, refused.text]).toEqual([403, 'Forbidden\n']);
    expect(refused.header('cf-images')).toBeUndefined();
    const missing = await send(port, target('2026/nothing.jpg'));
    expect([missing.status, missing.text]).toEqual([404, 'Not Found\n']);
    expect((await send(port, target('press/notes.txt'))).status).toBe(404);
    expect((await send(port, '/elsewhere')).status).toBe(404);
  });

  test('Cloudflare Images as a scheme among others has its variants', async () => {
    const images = cloudflareImages({ key, accountHash, variants });
    const signer = createSigner({ scheme: [schemes.bunny, images], ...times });
    const port = await serve(createDelivery({ directory: folder, signer }));
    const answer = await send(port, signed('sunset'));
    expect((await sharp(answer.body).metadata()).width).toBe(100);
    expect((await send(port, signer.signImage('/pull/2026/harbour.jpg'))).status).toBe(200);
  });
});

describe('making', () => {
  /** The library, which does something more at each call. */
  function sharpWith(onCall: () => void) {
    const library = new Proxy(sharp, {
      apply(target, self, args: Parameters<typeof sharp>) {
        onCall();
        return Reflect.apply(target, self, args);
      },
    });
    return { loadSharp: async () => library };
  }
  /** How often it was called: twice a picture, for its header too. */
  function counted() {
    const calls: number[] = [];
    return { calls, ...sharpWith(() => calls.push(calls.length)) };
  }

  test('with cache: 0 each picture is made anew, and still once for all who ask at the same time', async () => {
    const { calls, loadSharp } = counted();
    const own = await deliverySite(folder, { limits: { cache: 0 } }, { loadSharp });
    await Promise.all([1, 2, 3].map(() => own.ask(signed('sunset'))));
    expect(calls.length).toBe(2);
    await own.ask(signed('sunset'));
    expect(calls.length).toBe(4);
  });

  test('pictures that take more than the cache make room, and one that is larger is served and not kept', async () => {
    const noise = (length: number) =>
      sharp(randomBytes(length * length * 3), { raw: { width: length, height: length, channels: 3 } })
        .png()
        .toBuffer();
    const names = ['a', 'b', 'c', 'd'];
    const files = names.map(async (name) => [`${name}.png`, await noise(400)] as const);
    const all = { ...Object.fromEntries(await Promise.all(files)), 'large.png': await noise(800) };
    const { calls, loadSharp } = counted();
    const options = { variants: { thumb: {} }, limits: { cache: '1MB' } };
    const site = await deliveryOf(all, options, { loadSharp });
    const madeBy = async (name: string): Promise<number> => {
      const before = calls.length;
      expect((await site.ask(signed(name))).status).toBe(200);
      return (calls.length - before) / 2;
    };
    expect([await madeBy('large'), await madeBy('large')]).toEqual([1, 1]); // 1.9 MB
    expect([await madeBy('a'), await madeBy('a')]).toEqual([1, 0]); // 480 KB
    for (const name of names) await madeBy(name);
    const again = await Promise.all(names.map(madeBy));
    expect(again.filter((times) => times > 0).length).toBeGreaterThanOrEqual(2);
  });

  test('a file that is another one of the same size and time is made anew', async () => {
    const own = newFolder();
    const plain = (background: string) =>
      sharp({ create: { width: 20, height: 20, channels: 3, background } })
        .png({ compressionLevel: 0 })
        .toBuffer();
    const changing = await deliverySite(own);
    const answers = [];
    for (const colour of ['red', 'blue']) {
      writeFiles(own, { 'a.png': await plain(colour) });
      utimesSync(join(own, 'a.png'), 1_000_000, 1_000_000);
      answers.push(await changing.ask(signed('a')));
    }
    expect(await pixel(answers[0]!.body, 1, 1)).toEqual([255, 0, 0]);
    expect(await pixel(answers[1]!.body, 1, 1)).toEqual([0, 0, 255]);
    expect(answers[1]!.header('etag')).not.toBe(answers[0]!.header('etag'));
  });

  test('a file that is removed while its picture is made is served, and gone from then on', async () => {
    const own = newFolder();
    writeFiles(own, { 'a.jpg': await photo() });
    const removing = sharpWith(() => rmSync(join(own, 'a.jpg'), { force: true }));
    const site = await deliverySite(own, {}, removing);
    expect((await site.ask(signed('a'))).status).toBe(200);
    expect((await site.ask(signed('a'))).status).toBe(404);
  });

  test('requests that a client sends at once are served one after the other', async () => {
    const files = await Promise.all([1, 2, 3].map(async (n) => [`${n}.jpg`, await photo(20, n)] as const));
    const lookedFor: string[] = [];
    const [asked, proceeds] = [moment(), moment()];
    const folderDisk = {
      ...promises,
      stat(path: string) {
        if (path.endsWith('.jpg')) {
          lookedFor.push(basename(path));
          asked.come();
        }
        return promises.stat(path);
      },
    } as unknown as FolderDisk;
    const loadSharp = () => proceeds.comes.then(() => sharp);
    const pipelined = await deliveryOf(Object.fromEntries(files), {}, { loadSharp, folderDisk });
    const requests = [1, 2, 3].map((n) => {
      const connection = n < 3 ? 'keep-alive' : 'close';
      return `GET ${signed(`${n}`)} HTTP/1.1\r\nHost: a\r\nConnection: ${connection}\r\n\r\n`;
    });
    const answers = exchange(pipelined.port, requests.join(''));
    await asked.comes;
    await pipelined.ask('/'); // meanwhile the others would have begun
    expect(lookedFor).toEqual(['1.jpg']);
    proceeds.come();
    expect((await answers).toString('latin1').match(/HTTP\/1\.1 200/g)).toHaveLength(3);
  });

  test('without sharp the originals go out, and that is reported once', async () => {
    const own = await deliverySite(folder, {}, withoutSharp);
    for (const headers of [browser, {}]) {
      const answer = await own.ask(signed('sunset'), { headers });
      expect(answer.body).toEqual(await photo());
      expect(answer.header('content-type')).toBe('image/jpeg');
      expect(answer.header('vary')).toBeUndefined();
    }
    expect(own.events).toEqual([{ type: 'passed', reason: 'sharp-missing' }]);
  });

  test.each([
    ['production', undefined, 1],
    ['production', false, 0],
  ])(
    'without sharp that is said at the start, in %s with report: %s too',
    async (environment, report, count) => {
      vi.stubEnv('NODE_ENV', environment);
      const emit = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
      Reflect.deleteProperty(globalThis, Symbol.for('image-signer.warned')); // an earlier test may have had it shown
      for (const _ of [1, 2]) await deliverySite(folder, { report }, withoutSharp);
      expect(emit.mock.calls.filter(([message]) => String(message).includes('sharp'))).toHaveLength(count);
      vi.unstubAllEnvs();
      emit.mockRestore();
    },
  );

  test('without sharp an always public variant is refused: the original is not for everybody', async () => {
    const isPublic = ({ id: image }: { id: string }): boolean => image === '2026/harbour';
    const own = await deliverySite(folder, { isPublic }, withoutSharp);
    const answer = await own.ask(`/${accountHash}/sunset/preview`, { headers: browser });
    expect([answer.status, answer.text]).toEqual([501, 'Not Implemented\n']);
    expect(answer.header('cache-control')).toBe('no-store');
    expect(own.events).toEqual([{ type: 'passed', reason: 'sharp-missing' }]);
    // What the app calls public is public as a whole.
    expect((await own.ask(`/${accountHash}/2026/harbour/thumb`)).status).toBe(200);
  });

  test('an SVG is not sent in the place of its blurred, always public variant', async () => {
    const small = { width: 50, alwaysPublic: true };
    const own = await deliverySite(folder, { variants: { ...variants, small } });
    const answer = await own.ask(`/${accountHash}/logo/preview`, { headers: browser });
    expect([answer.status, answer.text]).toEqual([501, 'Not Implemented\n']);
    expect((await own.ask(`/${accountHash}/logo/small`)).text).toBe(svg);
  });

  test('one more than the hundred that may wait gets 503 with Retry-After, and the others their pictures', async () => {
    const names = Array.from({ length: 105 }, (_, index) => `${index}`); // four are worked on
    const files = names.map(async (name, index) => [`${name}.jpg`, await photo(20, 10 + index)] as const);
    const gate = moment();
    const slow = new Proxy(sharp, {
      apply(target, self, args: Parameters<typeof sharp>) {
        const image = Reflect.apply(target, self, args);
        const toBuffer = image.toBuffer.bind(image) as () => Promise<Buffer>;
        return Object.assign(image, { toBuffer: () => gate.comes.then(toBuffer) });
      },
    });
    const all = Object.fromEntries(await Promise.all(files));
    const own = await deliveryOf(all, {}, { loadSharp: async () => slow });
    const asked = names.map((name) => own.ask(signed(name)));
    const refused = await Promise.race(asked);
    expect([refused.status, refused.text]).toEqual([503, 'Service Unavailable\n']);
    expect(refused.header('retry-after')).toBe('1');
    gate.come();
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(104);
  });

  test('clients that leave in the middle leave the process alive', async () => {
    const own = await deliveryOf({ 'big.svg': `<svg>${' '.repeat(5_000_000)}</svg>` });
    for (let i = 0; i < 20; i++)
      await new Promise<void>((resolve) => {
        const socket = connect({ port: own.port, host: '127.0.0.1' }, () =>
          socket.write(`GET ${signed('big')} HTTP/1.1\r\nHost: a\r\n\r\n`),
        );
        socket.once('data', () => socket.destroy());
        socket.once('close', () => resolve());
      });
    expect((await own.ask(signed('big'))).body.length).toBe(5_000_011);
  });
});

test('an id of Cloudflare’s own is the name of a file', async () => {
  const own = await deliveryOf({ [`${id}.jpg`]: await photo() });
  expect((await own.ask(signed(id))).status).toBe(200);
});
