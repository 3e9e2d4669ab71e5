/** Checked by the compiler alone: what Express users write has a type, and what is wrong has none. */

import { createServer } from 'node:http';
import connect from 'connect';
import express from 'express';
import { createSigner, imageGuard, imageSigner, type Signer, signingEndpoint } from 'image-signer';
import { type Explanation, explainUrl, type FindingCode } from 'image-signer/diagnosis';
import { markdown } from 'image-signer/markdown';

const own = { key: 'k', ttl: '1d', variants: ['thumb'] } as const;
const app = express();
app.use(imageSigner({ key: 'k', ttl: '1d', variants: ['thumb', 'card'] }));
app.use(
  imageSigner({
    key: process.env['IMAGES_KEY'],
    ttl: 60,
    variants: { thumb: { width: 320 } },
    stableFor: '6h',
  }),
);
app.use(
  '/images',
  imageGuard({ key: ['k', 'old'], ttl: '1d', variants: ['thumb'], mode: 'report' }),
  express.static('x'),
);
app.get('/', (req, res) => {
  const signed: string = req.signImage('id', 'thumb', { ttl: '1h' });
  const srcset: string = req.signSrcset('id', { thumb: '1x' });
  const data: { cover: string; at: Date } = req.signData({ cover: 'x', at: new Date() }, { ttl: '1h' });
  // @ts-expect-error the request is known
  req.signData(data, { request: req });
  res.locals.signImage?.(null);
  res.locals.signSrcset?.(null);
  res.locals = { title: 'x' };
  res.send(signed + srcset + req.signedImage?.image.id);
});
app.locals = { title: 'x' };
// @ts-expect-error not in the locals of an app that has no such middleware
app.locals.signImage(null);
connect().use(imageSigner({ ...own }));
createServer((request, response) => imageSigner({ ...own })(request, response, () => {}));

// authorize takes the framework's own request.
imageSigner({
  key: 'k',
  ttl: '1d',
  variants: { thumb: {}, preview: { alwaysPublic: true } },
  authorize: (image, req: express.Request) => req.cookies !== undefined && image.id !== '',
  deniedVariant: 'preview',
  skip: (req, res) => req.url === '/x' || res.headersSent,
  rewrite: { locals: true },
  attributes: { 'data-hero': 'url' },
});

// The endpoint's may be asynchronous.
app.use(
  '/sign',
  signingEndpoint({
    ...own,
    authorize: async (image, req: express.Request) => req.cookies !== undefined && image.id !== '',
    origins: ['https://shop.example'],
  }),
);
createServer(signingEndpoint({ ...own, authorize: () => true, path: '/sign' }));
connect().use('/sign', signingEndpoint({ ...own, authorize: () => Promise.resolve(true) }));

const signer = createSigner({ key: 'k', ttl: '1d', variants: ['thumb', 'card'] });
createSigner({ key: () => process.env['IMAGES_KEY'], keyRefresh: '1m', ttl: '1d', variants: ['thumb'] });
createSigner({ key: async () => ['new', 'old'], ttl: '1d', variants: ['thumb'] });
// @ts-expect-error a key is text
createSigner({ key: async () => 42, ttl: '1d', variants: ['thumb'] });
signer.ready() satisfies Promise<void>;
signer.signImage('https://imagedelivery.net/a/b/thumb', 'card');
signer.signSrcset('https://imagedelivery.net/a/b/thumb', { card: '2x' });
const posts: readonly { cover: string }[] = signer.signData([{ cover: 'x' }] as const, {
  fields: { body: markdown },
  request: 'ada',
  authorize: false,
});
signer.unsignData(posts) satisfies readonly { cover: string }[];
// @ts-expect-error a kind of text that there is not
signer.signData(posts, { fields: { body: 'text' } });
const text: string = signer.rewriteHtml('');
const bytes: Uint8Array = signer.rewriteHtml(Buffer.from(text));
declare const either: string | Uint8Array;
const rewritten: string | Uint8Array = signer.rewriteHtml(either);
rewritten satisfies string | Uint8Array;
signer.htmlStream({ ttl: '1h' }).write(bytes);
imageSigner({ signer, authorize: () => true });
imageGuard({ signer, sharedCache: true });
signingEndpoint({ signer, authorize: async () => true, report: () => {}, deniedVariant: 'thumb' });
signingEndpoint({ signer, path: '/sign' });
const names: string[] = ['a'];
const open: Signer = createSigner({ key: 'k', ttl: '1d', variants: names });
open.signImage('x', 'whatever');

signer.verifyImage('x', new Date());
signer.verifyImage('x', Date.now());
// @ts-expect-error a time in words
signer.verifyImage('x', '2035-01-01');
const verdict = signer.verifyImage('x');
if (!verdict.ok) verdict.reason satisfies string;
else if ('alwaysPublic' in verdict) verdict.alwaysPublic satisfies true;
else verdict.expiresAt satisfies number;

const explanation: Explanation = explainUrl('x', { signer });
explainUrl('x', { ...own }).signedText satisfies string | undefined;
const code: FindingCode | undefined = explanation.findings[0]?.code;
code satisfies string | undefined;
// @ts-expect-error a code that there is not
code === 'no-such-code';
// @ts-expect-error no options
explainUrl('x');
// @ts-expect-error a ttl beside a signer
explainUrl('x', { signer, ttl: '1d' });

// @ts-expect-error a variant that is not on the list
signer.signImage('x', 'hero');
// @ts-expect-error nor in a srcset
signer.signSrcset('x', { hero: '1x' });
// @ts-expect-error a ttl that is a date
createSigner({ key: 'k', ttl: new Date(), variants: ['thumb'] });
// @ts-expect-error an unknown part of a policy
createSigner({ key: 'k', ttl: '1d', variants: { thumb: { public: true } } });
// @ts-expect-error a denied variant that is not on the list
createSigner({ ...own, deniedVariant: 'blurred' });
// @ts-expect-error authorize that says yes in words
signingEndpoint({ ...own, authorize: () => 'yes' });
const more = { authorize: () => true };
// @ts-expect-error a denied variant that is not on the list
signingEndpoint({ ...own, ...more, deniedVariant: 'blurred' });
// @ts-expect-error an option of the middleware
signingEndpoint({ signer, rewrite: false });
// @ts-expect-error a ttl beside a signer
signingEndpoint({ signer, authorize: () => true, ttl: '1d' });
