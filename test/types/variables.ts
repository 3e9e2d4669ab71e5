/** Checked by the compiler alone: options that a variable holds, or that come from the environment, in every entry point. */
import fastify from 'fastify';
import * as root from 'image-signer';
import { imageDelivery } from 'image-signer/delivery';
import { explainUrl } from 'image-signer/diagnosis';
import * as plugins from 'image-signer/fastify';
import * as overFetch from 'image-signer/fetch';
import * as inHono from 'image-signer/hono';
import * as inKoa from 'image-signer/koa';
import { bunny, cloudflareImages, type Scheme } from 'image-signer/schemes';

const ttl = process.env['TTL'] ?? '1h';
const times = { ttl: '1h', stableFor: '15m', memory: '32MB' };
const variants = { thumb: { width: 320, ttl: '1h' }, card: { width: 640 } };
const key = process.env['IMAGES_KEY'];
const own = { ...times, key, keyRefresh: '5m', variants };
const scheme = bunny({ url: 'https://shop.b-cdn.net', key: 'k', prefixes: ['uploads/'] });
const files = { ...times, scheme };
const several = { ttl, scheme: [scheme, cloudflareImages({ key, keyRefresh: '5m', variants })] };
const authorize = (): boolean => true;

root.imageSigner(own);
root.imageSigner(files);
root.imageSigner(several);
root.imageGuard(own);
root.imageGuard(files);
root.signingEndpoint({ ...own, authorize });
root.signingEndpoint({ ...files, authorize });
root.defineConfig(own);
root.defineConfig(files);
root.createSigner(files);
const signer = root.createSigner(own);
inKoa.imageSigner(own);
inKoa.imageSigner(several);
inKoa.imageGuard(files);
inKoa.createSigner(own);
inKoa.defineConfig(files);
inHono.imageSigner(own);
inHono.imageSigner(several);
inHono.createSigner(files);
overFetch.imageSigner(own);
overFetch.imageSigner(several);
overFetch.createSigner(files);
plugins.createSigner(own);
plugins.defineConfig(files);
fastify().register(plugins.imageSigner, own).register(plugins.imageSigner, several);
const directory = { directory: './pictures', limits: { megapixels: 40, cache: '1GB' } };
imageDelivery({ ...own, ...directory });
imageDelivery({ ...directory, signer });
explainUrl('x', own);
explainUrl('x', files);

const call = { ttl: '5m' };
signer.signImage('photo-1', 'thumb', call);
signer.signSrcset('photo-1', { thumb: '1x' }, call);
signer.signData({}, call);
signer.rewriteHtml('', { ttl });

// Options of a named type go on to the factories, whichever kind they are of.
declare const any: root.ImageSignerOptions;
root.imageSigner(any);
root.imageSigner({ ...any, rewrite: { json: true } });
declare const ofSigner: root.SignerOptions;
root.imageSigner(ofSigner);
root.imageSigner({ ...ofSigner, rewrite: { json: true } });
declare const ofScheme: root.ImageSignerOptions<string, Scheme>;
root.imageSigner(ofScheme);
declare const guarded: root.ImageGuardOptions;
root.imageGuard(guarded);
declare const asked: root.SigningEndpointOptions;
root.signingEndpoint(asked);

// @ts-expect-error a number of hours is no duration
root.imageSigner({ ...files, ttl: { hours: 1 } });
