/**
 * Checked by the compiler alone: which image `authorize` is asked about, and which one `verifyImage` returns. The option
 * `scheme` or `signer` beside it says so, on each server. Longer than most files: every server has types of its own.
 */
import fastify from 'fastify';
import {
  createSigner,
  type DeliveryImage,
  type ImageSignerOptions,
  imageGuard,
  imageSigner,
  type SchemeImage,
  type Signer,
  type SignerOptions,
  signingEndpoint,
  type Verification,
} from 'image-signer';
import { type Explanation, explainUrl } from 'image-signer/diagnosis';
import * as plugins from 'image-signer/fastify';
import * as overFetch from 'image-signer/fetch';
import * as inHono from 'image-signer/hono';
import * as inKoa from 'image-signer/koa';
import type * as makers from 'image-signer/schemes';
import {
  bunny,
  cloudFront,
  cloudflareImages,
  cloudflareWaf,
  defineScheme,
  googleCdn,
  type ImgproxyImage,
  imgix,
  imgproxy,
  type Scheme,
  s3,
} from 'image-signer/schemes';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Refused by the compiler, unless the value is of exactly this type. */
const is =
  <Expected>() =>
  <Actual>(_value: Actual, ..._differs: Equal<Actual, Expected> extends true ? [] : [never]): boolean =>
    true;

interface Owned {
  readonly id: string;
  readonly owner: number;
}
type OwnImage = SchemeImage<'own'> & Owned;
type S3 = SchemeImage<'s3'>;
type Resized = ImgproxyImage;

const own = { key: 'k', variants: ['thumb'] } as const;
const ttl = '1h';
const bucket = s3({
  url: 'https://photos.s3.eu-central-1.amazonaws.com',
  region: 'eu-central-1',
  credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret' },
  prefixes: 'uploads/',
});
const delivery = cloudflareImages(own);
const proxy = imgproxy({ url: 'https://proxy.example', key: 'ab', salt: 'cd' });
const definition = {
  url: '/private',
  match: (url: string): Owned => ({ id: url, owner: 7 }),
  strip: (url: string) => url,
  sign: (url: string) => url,
  fingerprint: 'own',
};
const mine = defineScheme({ name: 'own', ...definition });
declare const isProduction: boolean;

// Each scheme has the name that its images have.
is<Scheme<DeliveryImage>>()(delivery);
is<Scheme<S3>>()(bucket);
is<Scheme<ImgproxyImage>>()(proxy);
is<Scheme<OwnImage>>()(mine);
const keyed = { url: 'https://a.example', key: 'k' };
is<Scheme<SchemeImage<'bunny'>>>()(bunny(keyed));
is<Scheme<SchemeImage<'imgix'>>>()(imgix(keyed));
is<Scheme<SchemeImage<'cloudflare-waf'>>>()(cloudflareWaf(keyed));
is<Scheme<SchemeImage<'google-cdn'>>>()(googleCdn({ ...keyed, keyId: 'k' }));
is<Scheme<SchemeImage<'cloudfront'>>>()(cloudFront({ ...keyed, keyId: 'K', key: '' }));
is<{ readonly scheme: 'imgproxy'; readonly options: string }>()(
  {} as Pick<ImgproxyImage, 'scheme' | 'options'>,
);
is<'accountHash' | 'base' | 'id' | 'scheme' | 'url' | 'variant'>()({} as keyof DeliveryImage);
is<'cloudflare-images'>()({} as DeliveryImage['scheme']);

// Whatever makes a scheme says the name of its images: `Scheme<SchemeImage<'bunny'>>`, and not `Scheme`.
type Maker = (options: never) => Scheme;
type NameOf<Each> = Each extends (options: never) => Scheme<infer Image> ? Image['scheme'] : never;
type Nameless = {
  [Each in keyof typeof makers]: (typeof makers)[Each] extends Maker
    ? string extends NameOf<(typeof makers)[Each]>
      ? Each
      : never
    : never;
}[keyof typeof makers];
({}) satisfies Record<Exclude<Nameless, 'defineScheme'>, never>;

// What a scheme of one's own finds is there, and nothing else.
is<Scheme<SchemeImage<'bare'>>>()(
  defineScheme({ ...definition, name: 'bare', match: (id) => ({ id }), secret: 's' }),
);
const query = { url: 'https://a.example', token: ['exp', 'sig'], secret: 's' };
is<Scheme<SchemeImage<'query'>>>()(
  defineScheme({
    ...query,
    name: 'query',
    sign: ({ path }, { exp, secret }) => ({ exp, sig: path + (secret satisfies string) }),
  }),
);
const sized = defineScheme({
  ...query,
  name: 'sized',
  match: ({ id }) => (id === '' ? undefined : { size: 1 }),
  sign: ({ path }, { exp }) => ({ exp, sig: path }),
});
imageSigner({ scheme: sized, ttl, authorize: (image) => image.size === 1 && is<'sized'>()(image.scheme) });

// Express: options of Cloudflare Images, a scheme, several of them, and whichever of two.
imageSigner({ ...own, ttl, authorize: (image, req) => is<DeliveryImage>()(image) && req.url === '/' });
imageSigner({ scheme: delivery, ttl, authorize: (image) => is<DeliveryImage>()(image) });
imageSigner({ scheme: bucket, ttl, authorize: (image, req) => is<S3>()(image) && req.url === '/' });
imageSigner({ scheme: proxy, ttl, authorize: (image) => is<Resized>()(image) });
imageSigner({ scheme: mine, ttl, authorize: (image) => is<OwnImage>()(image) && image.owner === 7 });
imageSigner({
  scheme: [delivery, bucket, mine],
  ttl,
  authorize(image, req) {
    is<DeliveryImage | S3 | OwnImage>()(image);
    if (image.scheme === 'cloudflare-images') return image.variant === 'thumb';
    return image.scheme === 'own' ? image.owner === 7 : is<'s3'>()(image.scheme) && req.url === '/';
  },
});
const tuple = [delivery, proxy] as const;
imageSigner({ scheme: tuple, ttl, authorize: (image) => is<DeliveryImage | Resized>()(image) });
const list = [bucket, proxy];
imageSigner({ scheme: list, ttl, authorize: (image) => is<S3 | Resized>()(image) });
imageSigner({ scheme: isProduction ? bucket : mine, ttl, authorize: (image) => is<S3 | OwnImage>()(image) });
const unnamed: Scheme = bucket;
imageSigner({ scheme: unnamed, ttl, authorize: (image) => is<SchemeImage>()(image) });
const two = [bucket, mine];
const several: Scheme[] = [bucket, proxy];
imageSigner({ scheme: several, ttl, authorize: (image) => is<SchemeImage>()(image) });

// A scheme that stands in the call, and `authorize` before it.
imageSigner({
  authorize: (i, req) => is<SchemeImage<'bunny'>>()(i) && req.url === '/',
  scheme: bunny(keyed),
  ttl,
});
imageSigner({
  scheme: defineScheme({
    name: 'inline',
    url: '/x',
    match: (url) => (url === '' ? undefined : { id: url, owner: 7 }),
    strip: (url) => url,
    sign: (url, { exp }) => `${url}?${exp}`,
    fingerprint: 'x',
  }),
  ttl,
  authorize: (image) => is<'inline'>()(image.scheme) && image.owner === 7,
});
imageSigner({
  scheme: [bunny(keyed), defineScheme({ name: 'second', ...definition })],
  ttl,
  authorize: (i) => i.scheme === 'bunny' || i.owner === 7,
});
// Some match finds one kind of image or another.
const kinds = defineScheme({
  name: 'kinds',
  ...definition,
  match: (id): { id: string; kind: 'photo' } | { id: string; kind: 'page'; page: number } =>
    id.length === 1 ? { id, kind: 'photo' } : { id, kind: 'page', page: 1 },
});
imageSigner({ scheme: kinds, ttl, authorize: (image) => image.kind === 'photo' || image.page === 1 });

// The other factories of Express.
imageGuard({ scheme: mine, ttl, authorize: (image, req) => is<OwnImage>()(image) && req.url === '/' });
imageGuard({ ...own, ttl, authorize: (image) => is<DeliveryImage>()(image) });
signingEndpoint({ ...own, ttl, authorize: async (image) => is<DeliveryImage>()(image) });
signingEndpoint({
  scheme: [bucket, mine],
  ttl,
  authorize: async (i, req) => is<S3 | OwnImage>()(i) && req.url === '/',
});

// A signer knows its images, whoever asks.
const ofOwn = createSigner({ ...own, ttl, authorize: (image) => is<DeliveryImage>()(image) });
const ofList = createSigner({
  scheme: list,
  ttl,
  authorize: (i, req) => is<S3 | Resized>()(i) && req.url === '/',
});
is<Signer<'thumb', DeliveryImage>>()(ofOwn);
is<Verification<DeliveryImage>>()(ofOwn.verifyImage('x'));
is<Verification<S3 | Resized>>()(ofList.verifyImage('x'));
const verified = ofList.verifyImage('x');
if (verified.ok && verified.image.scheme === 'imgproxy') verified.image.options satisfies string;
imageSigner({ signer: ofOwn, authorize: (image) => is<DeliveryImage>()(image) });
imageSigner({ signer: ofList, authorize: (image) => is<S3 | Resized>()(image) });
imageGuard({ signer: ofList, authorize: (image) => image.scheme === 's3' || image.options === '' });
signingEndpoint({ signer: ofList, authorize: async (i) => i.scheme === 's3' || i.options === '' });
imageSigner({
  signer: isProduction ? ofOwn : ofList,
  authorize: (i) => is<DeliveryImage | S3 | Resized>()(i),
});
inKoa.imageSigner({ signer: ofList, authorize: (image) => image.scheme === 's3' || image.options === '' });
is<Explanation<DeliveryImage>>()(explainUrl('x', { ...own, ttl }));
is<Explanation<DeliveryImage | OwnImage>>()(explainUrl('x', { scheme: [delivery, mine], ttl }));
is<Explanation<S3 | Resized>>()(explainUrl('x', { signer: ofList }));
// Without its images a signer is any signer.
const anySigner: Signer = ofList;
is<Verification>()(anySigner.verifyImage('x'));
imageSigner({ signer: anySigner, authorize: (image) => is<SchemeImage>()(image) });

// The other servers.
inKoa.imageSigner({ ...own, ttl, authorize: (image, ctx) => is<DeliveryImage>()(image) && ctx.path === '/' });
inKoa.imageSigner({ scheme: two, ttl, authorize: (i, ctx) => is<S3 | OwnImage>()(i) && ctx.path === '/' });
inKoa.imageGuard({ scheme: mine, ttl, authorize: (image) => is<OwnImage>()(image) });
inKoa.signingEndpoint({ scheme: proxy, ttl, authorize: async (image) => is<Resized>()(image) });
is<inKoa.Signer<string, OwnImage>>()(inKoa.createSigner({ scheme: mine, ttl }));
inHono.imageSigner({ ...own, ttl, authorize: (i, c) => is<DeliveryImage>()(i) && c.req.path === '/' });
inHono.imageSigner({ scheme: two, ttl, authorize: (i, c) => is<S3 | OwnImage>()(i) && c.req.path === '/' });
inHono.signingEndpoint({ scheme: proxy, ttl, authorize: async (image) => is<Resized>()(image) });
is<inHono.Signer<string, OwnImage>>()(inHono.createSigner({ scheme: mine, ttl }));
overFetch.imageSigner({
  ...own,
  ttl,
  authorize: (i, request) => is<DeliveryImage>()(i) && request.url === '',
});
overFetch.imageSigner({
  scheme: two,
  ttl,
  authorize: (i, request) => is<S3 | OwnImage>()(i) && request.url === '',
});
overFetch.signingEndpoint({ scheme: proxy, ttl, authorize: async (image) => is<Resized>()(image) });
is<overFetch.Signer<string, OwnImage>>()(overFetch.createSigner({ scheme: mine, ttl }));

// `register` of Fastify infers nothing from its options: a signer does, or options of a named type.
const app = fastify();
app.register(plugins.imageSigner, {
  scheme: [delivery, bucket],
  ttl,
  authorize: (i, request) => is<plugins.AnyImage>()(i) && i.scheme === 's3' && request.url === '/',
});
const ofFastify = plugins.createSigner({
  scheme: [delivery, mine],
  ttl,
  authorize: (i, request) => is<DeliveryImage | OwnImage>()(i) && request.url === '/',
});
app.register(plugins.imageGuard, { signer: ofFastify, prefix: '/images' });
const forFastify: plugins.ImageSignerOptions<string, Scheme<OwnImage>> = {
  scheme: mine,
  ttl,
  authorize: (image) => is<OwnImage>()(image),
};
app.register(plugins.imageSigner, forFastify);

// Options of a named type: without an image, whatever a scheme finds; without a scheme, Cloudflare's.
const anyOptions: ImageSignerOptions = {
  scheme: bucket,
  ttl,
  authorize: (image) => is<SchemeImage>()(image),
};
imageSigner(anyOptions);
const ownOptions: ImageSignerOptions = { ...own, ttl, authorize: (image) => is<DeliveryImage>()(image) };
imageSigner(ownOptions);
const signerOptions: SignerOptions = { ...own, ttl, authorize: (image) => is<DeliveryImage>()(image) };
is<Signer<string, DeliveryImage>>()(createSigner(signerOptions));
const given: ImageSignerOptions = { signer: ofList };
imageSigner(given);
const ofMine: ImageSignerOptions<string, Scheme<OwnImage>> = {
  scheme: mine,
  ttl,
  authorize: (image) => is<OwnImage>()(image),
};
imageSigner(ofMine);
const ofBoth: ImageSignerOptions<string, Scheme<OwnImage> | Scheme<Resized>> = { scheme: [mine, proxy], ttl };
imageSigner({ ...ofBoth, authorize: (image) => image.scheme === 'own' || image.options === '' });

// What is annotated holds, as long as it is true.
imageSigner({ scheme: bucket, ttl, authorize: (image: S3) => image.id !== '' });
imageSigner({ scheme: [bucket, mine], ttl, authorize: ({ id, base }: SchemeImage) => id === base });
// @ts-expect-error images of a bucket are not Cloudflare's
imageSigner({ scheme: bucket, ttl, authorize: (image: DeliveryImage) => image.variant === '' });
// @ts-expect-error nor are they for a signer
imageSigner({ signer: createSigner({ scheme: bucket, ttl }), authorize: ({ variant }) => variant === '' });
// @ts-expect-error not before it is known which one it is
imageSigner({ scheme: list, ttl, authorize: (image) => image.options === '' });
// @ts-expect-error no scheme of the list has this name
imageSigner({ scheme: list, ttl, authorize: (image) => image.scheme === 'bunny' });
// @ts-expect-error images of another scheme
const wrong: ImageSignerOptions<string, Scheme<OwnImage>> = { scheme: bucket, ttl };
// @ts-expect-error a signer of other images
const other: Signer<string, DeliveryImage> = ofList;
// @ts-expect-error a signer is no scheme
imageSigner({ scheme: ofList, ttl });
// @ts-expect-error nor is a scheme a signer
imageSigner({ signer: bucket });
[wrong, other] satisfies object[];
