/**
 * The mistakes that new users make most often, each in an app of Express in development: the first request, or the start,
 * has to say how to fix it. Longer than most files: it has a sentence for each.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import express from 'express';
import supertest from 'supertest';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  createSigner,
  type ImageSignerEvent,
  type ImageSignerOptions,
  imageGuard,
  imageSigner,
} from '../../src/index.ts';
import { accountHash, base, id, key, otherAccount, url } from '../support/samples.ts';

type App = ReturnType<typeof express>;
type ProcessWarning = Error & { readonly code?: string };

/** The package's register of what it has told in this process. */
const told = Symbol.for('image-signer.warned');
let warnings: ProcessWarning[] = [];
const hear = (warning: ProcessWarning): void => {
  if (warning.name === 'ImageSignerWarning') warnings.push(warning);
};

beforeEach(() => {
  Reflect.deleteProperty(globalThis, told);
  warnings = [];
  process.on('warning', hear);
});
afterEach(() => {
  process.off('warning', hear);
});

/** Node.js emits a warning in a turn of its own. */
async function settled(): Promise<ProcessWarning[]> {
  const heard = once(process, 'warning');
  process.emitWarning('the last one', 'EndOfTest');
  await heard;
  return warnings;
}

/** A page with one image, and the middleware in front of it. */
function appWith(image: string, options: object = {}, path = '/'): App {
  const app = express();
  app.use(imageSigner({ ...base, ...options } as ImageSignerOptions));
  app.get(path, (_, res) => {
    res.send(`<img src="${image}">`);
  });
  return app;
}

const errors = 'https://github.com/image-signer/image-signer/blob/main/docs/errors.md#';
const onOwnDomain = `https://shop.example/cdn-cgi/imagedelivery/${accountHash}/${id}/thumb`;
const sign = imageSigner(base as ImageSignerOptions);
const page = (image: string) => (_: unknown, res: express.Response) => void res.send(`<img src="${image}">`);
/** A view that prints what the helper gives. */
const viewWith = (options: object, ...call: [image: string, variant?: string]): App =>
  express()
    .use(imageSigner({ ...base, ...options } as ImageSignerOptions))
    .get('/', (_, res) => void res.send(String(res.locals['signImage']?.(...call)))) as App;
const noTransform = (_: unknown, res: express.Response, next: (error?: unknown) => void): void =>
  next(void res.set('Cache-Control', 'public, no-transform'));
const throwing = (message: string) => (): never => {
  throw new TypeError(message);
};
const noBase = 'was not signed: no base of `delivery` matches it. If it is yours, add';
const encoded =
  'its path is not percent-encoded as Cloudflare signs it. Encode the image id as `new URL()` does, or pass the id a,b to signImage().';

test.each<[mistake: string, app: App, code: string, sentence: string]>([
  [
    'a base that is missing in delivery',
    appWith(onOwnDomain),
    'not-under-delivery',
    `GET /: ${onOwnDomain} ${noBase} 'https://shop.example/cdn-cgi/imagedelivery' to \`delivery\`.`,
  ],
  [
    'a base of an own domain without its path',
    appWith(onOwnDomain, { delivery: 'https://shop.example' }),
    'not-under-delivery',
    `${noBase} 'https://shop.example/cdn-cgi/imagedelivery' to \`delivery\`.`,
  ],
  [
    "Cloudflare's own host, where delivery names a custom domain",
    appWith(url(), { delivery: 'https://img.example/photos' }),
    'not-under-delivery',
    `GET /: ${url()} ${noBase} 'https://imagedelivery.net' to \`delivery\`.`,
  ],
  [
    'a variant that is not on the list',
    appWith(url('original')),
    'variant-not-allowed',
    `GET /: ${url('original')} was not signed: its variant is not in \`variants\`. Add the variant if it may be signed.`,
  ],
  [
    'a flexible variant',
    appWith(url('w=400')),
    'variant-not-allowed',
    'Flexible variants (w=400) cannot be signed.',
  ],
  [
    'another account',
    appWith(url('thumb', id, otherAccount), { accountHash }),
    'account-not-allowed',
    'was not signed: its account is not in `accountHash`. If the account is yours, add the first part of the path',
  ],
  [
    'a URL without a variant',
    appWith(`https://imagedelivery.net/${accountHash}/${id}`),
    'variant-missing',
    'was not signed: it ends with the image id. Add the variant: <base>/<account hash>/<image id>/<variant>.',
  ],
  [
    'a slash at the end',
    appWith(`${url()}/`),
    'trailing-slash',
    `${url()}/ was not signed: it ends with a slash. Remove the slash.`,
  ],
  [
    'an image id that encodeURIComponent has written',
    appWith(url('thumb', 'a%2Cb')),
    'encoded-path',
    encoded,
  ],
  [
    'an image id of a view that encodeURIComponent has written',
    viewWith({ accountHash }, 'a%2Cb', 'thumb'),
    'encoded-path',
    `GET /: a%2Cb was not signed: ${encoded}`,
  ],
  [
    'an asynchronous authorize',
    appWith(url(), { authorize: () => Promise.resolve(true) }),
    'authorize-not-synchronous',
    'was not signed: `authorize` returned a promise. Do the asynchronous work in an earlier middleware',
  ],
  [
    'an authorize that throws, with what it threw and without what may be a key',
    appWith(url(), { authorize: throwing(`no album of ${key}\nforged`) }),
    'authorize-threw',
    `was not signed: \`authorize\` threw (TypeError: no album of …). Catch the error in \`authorize\``,
  ],
  [
    'a page that forbids changes',
    express().use(noTransform, appWith(url())),
    'no-transform',
    'GET / was not rewritten: Cache-Control says no-transform. Remove no-transform',
  ],
  [
    'a middleware behind the routes',
    express().get('/', page(url())).use(sign) as App,
    'installed-late',
    'The route GET / is registered before imageSigner, so its images are not signed. Move app.use(imageSigner(…)) above the routes.',
  ],
  [
    'two middlewares with different options',
    express().use(sign, appWith(url(), { ttl: '2d' })),
    'installed-twice',
    "GET /: two imageSigner middlewares with different options handle this response, and the later one's options apply.",
  ],
  [
    'a guard with another key',
    express().use('/images', imageGuard({ ...base, delivery: '/images', key: 'the key of another server' })),
    'bad-signature',
    'was refused: no key of the signer made its signature. Do all servers have the same keys?',
  ],
  [
    'a view that gets something else',
    viewWith({}, 'https://www.gravatar.com/avatar/0'),
    'not-a-delivery-url',
    'Pass a delivery URL or an image id to a helper; it returns anything else unchanged.',
  ],
])('the first page with %s is told, once, with how to fix it', async (_mistake, app, code, sentence) => {
  const signed = createSigner({ ...base, delivery: '/images', accountHash }).signImage(id, 'thumb');
  for (const path of ['/', '/', '/favicon.ico', signed]) await supertest(app).get(path);
  const messages = (await settled()).filter((each) => each.code === code).map(({ message }) => message);
  expect(messages.length).toBeGreaterThan(0);
  expect(messages, 'each page is told once').toEqual([...new Set(messages)]);
  expect(messages[0]).toContain(sentence);
  expect(messages[0]).toContain(`See ${errors}${code}`);
  expect(messages[0]).not.toContain(key);
});

test('a page says which request it was, without the query, in one line', async () => {
  const app = appWith(url('original'), {}, '/a/:name');
  await supertest(app).get('/a/caf%C3%A9%0Ab%20c?token=secret');
  const [warning] = await settled();
  expect(warning!.message).toMatch(/^GET \/a\/caf%C3%A9%0Ab%20c: https/);
});

test('a process tells 20 different things at most', async () => {
  Reflect.set(globalThis, told, new Set(Array.from({ length: 19 }, (_, index) => String(index))));
  await supertest(appWith(url('original'))).get('/');
  await supertest(appWith(`${url()}/`)).get('/');
  const all = await settled();
  expect(all.map(({ code }) => code)).toEqual(['variant-not-allowed', 'more-warnings']);
  expect(all[1]!.message).toContain('To see all events, pass report: (event) => console.warn(event).');
});

test('each page with a mistake is told once, and one mistake on every page leaves room for the others', async () => {
  const app = appWith(url('original'), {}, '/:name');
  for (const path of ['/a', '/a?x=1', '/b', '/a']) await supertest(app).get(path);
  expect((await settled()).map(({ message }) => message.split(': ', 1)[0])).toEqual(['GET /a', 'GET /b']);
  for (let each = 0; each < 30; each++) await supertest(app).get(`/${each}`);
  await supertest(appWith(`${url()}/`)).get('/');
  const codes = (await settled()).map(({ code }) => code);
  expect(codes).toEqual([...Array.from({ length: 5 }, () => 'variant-not-allowed'), 'trailing-slash']);
});

test('a request that the guard refuses is named once in a sentence', async () => {
  const app = express().use('/images', imageGuard({ ...base, delivery: '/images' }));
  const path = `/images/${accountHash}/${id}/thumb`;
  await supertest(app).get(`${path}?a=1`);
  const [warning] = await settled();
  expect(warning!.message).toMatch(new RegExp(`^GET ${path} was refused: `));
  expect(warning!.message.split(path)).toHaveLength(2);
});

test('a denied variant that stands in the place of its image is no mistake, and its event names it', async () => {
  const events: ImageSignerEvent[] = [];
  const options = { authorize: () => false, deniedVariant: 'preview' };
  await supertest(appWith(url(), options)).get('/');
  expect(await settled()).toEqual([]);
  const report = (event: ImageSignerEvent): void => void events.push(event);
  await supertest(appWith(url(), { ...options, report })).get('/');
  expect(events[0]).toMatchObject({ reason: 'not-authorized', deniedVariant: 'preview' });

  await supertest(appWith(url(), { authorize: () => false })).get('/');
  await supertest(appWith(url(), { ...options, authorize: throwing('no database') })).get('/');
  expect((await settled()).map(({ code }) => code)).toEqual(['not-authorized', 'authorize-threw']);
});

test('JSON with plain URLs is told, with the option to set, even after another text', async () => {
  const app = express().use(sign);
  app.get('/style.css', (_, res) => void res.type('css').send(`a { background: url(${url()}) }`));
  app.get(['/api', '/api/2'], (_, res) => void res.json({ cover: url() }));
  for (const path of ['/style.css', '/api', '/api/2']) await supertest(app).get(path);
  const all = await settled();
  expect(all.map(({ code }) => code)).toEqual(['unread-type', 'unread-type']);
  expect(all[0]!.message).toContain(
    'GET /style.css has image URLs without a token, since its content type is not rewritten',
  );
  expect(all[1]!.message).toContain('GET /api is JSON');
  expect(all[1]!.message).toContain('Set `rewrite: { json: true }`, and name members');
});

test('where the app has a report, or wants silence, nothing else is said', async () => {
  const events: ImageSignerEvent[] = [];
  const report = (event: ImageSignerEvent): unknown => events.push(event);
  await supertest(appWith(url('original'), { report })).get('/');
  await supertest(appWith(url('original'), { report: false })).get('/');
  expect(await settled()).toEqual([]);
  expect(events).toMatchObject([
    { type: 'skipped', url: url('original'), reason: 'variant-not-allowed', page: 'GET /' },
    { type: 'rewritten', page: 'GET /', signed: 0, kept: 0, skipped: 1, denied: 0 },
  ]);
});

/** @returns what a program writes to standard error that signs a variant which is not on its list */
async function saidBy(environment: string, before = ''): Promise<string> {
  const program = `
    import { createSigner } from './src/index.ts';
    const key = process.env.IMAGES_KEY;
    ${before}
    const signer = createSigner({ key, ttl: '1d', variants: ['thumb'] });
    signer.rewriteHtml('<img src="${url('original')}">');`;
  const args = ['--import', 'tsx', '--input-type=module', '-e', program];
  const env = { ...process.env, NODE_ENV: environment, IMAGES_KEY: key };
  return (await promisify(execFile)(process.execPath, args, { env })).stderr;
}

test('nothing is said in production, and a key is not in what is said in development', async () => {
  expect(await saidBy('production')).toBe('');
  const said = await saidBy('development');
  expect(said).toMatch(/^\(node:\d+\) \[variant-not-allowed\] ImageSignerWarning: https:/);
  expect(said).not.toContain(key);
});

test('a runtime without `process` counts as development, and gets the warning on its console', async () => {
  const said = await saidBy('production', 'delete globalThis.process;');
  expect(said).toMatch(/^ImageSignerWarning \[variant-not-allowed\]: https:/);
});
