/** Law: what an app of one store is told is in the terms of that store. No message for a scheme names another store's. */
import type { RequestListener } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { imageDelivery } from '../../src/delivery.ts';
import { explainUrl } from '../../src/diagnosis.ts';
import { createSigner, imageGuard, imageSigner, type Signer } from '../../src/index.ts';
import type { ImageSignerEvent, VerificationFailure } from '../../src/options/events.ts';
import { passed, refused, skipped } from '../../src/options/warnings.ts';
import { cloudflareImages, defineScheme, type Scheme } from '../../src/schemes.ts';
import { coreOf } from '../../src/signer/core.ts';
import { askForImages } from '../../src/tools/cli/image-requests.ts';
import { defaultLimits, type PageRequest } from '../../src/tools/cli/page-client.ts';
import { signingFailure, verificationFailure } from '../../src/tools/cli/verdicts.ts';
import { accountHash, id, instant, key } from '../support/samples.ts';
import { factories, type Options, revive, type SchemeName, tables } from '../support/schemes/table.ts';
import { answering, startSite } from '../support/servers/checked-page.ts';

const url = 'https://photos.example';

interface Store {
  readonly name: string;
  readonly make: (options: object) => Scheme;
  readonly options: Readonly<Record<string, unknown>>;
  /** The path of an image behind `url`. */
  readonly path?: string;
}

const store = (
  name: string,
  make: (options: never) => Scheme,
  options: Store['options'],
  path?: string,
): Store => ({ name, make: make as Store['make'], options, ...(path !== undefined && { path }) });

const places: Partial<Record<SchemeName, Options>> = {
  s3: { url: 'http://minio.test:9000/photos' },
  azureBlob: { url, container: 'files' },
};
const paths: Partial<Record<SchemeName, string>> = {
  azureBlob: '/files/a.jpg',
  imgproxy: '/insecure/rs:fill:300:200/plain/local:///a.jpg',
};
const stores: readonly Store[] = [
  ...tables
    .filter(({ title }) => title === undefined)
    .map(({ name, scheme, options }) => {
      const given = { ...(revive(options) as object), ...(places[scheme] ?? { url }) };
      return store(name, factories[scheme]!, given, paths[scheme]);
    }),
  store('own', defineScheme, {
    name: 'own',
    url,
    match: (text: string) => (text.includes('/a.jpg') ? { id: text } : undefined),
    strip: (text: string) => text.split('?')[0],
    sign: (text: string, { exp }: { exp: number }) => `${text}?t=${exp}`,
    fingerprint: 'own',
  }),
];

const cloudflare = store('cloudflare-images', cloudflareImages, { key, variants: ['thumb'], accountHash });

/** What only users of these stores read. */
const terms: readonly (readonly [term: RegExp, ...owners: string[]])[] = [
  [/Images, Keys|account hash|accountHash|`variants`|--(?:variants|account-hash)\b/, 'cloudflare-images'],
  [/flexible|imagedelivery|`delivery`|--delivery\b|`sig`/, 'cloudflare-images'],
  [/`exp`/, 'cloudflare-images', 'jwt'],
  [/Cloudflare/, 'cloudflare-images', 'cloudflare-waf'],
  [/is_timed_hmac/, 'cloudflare-waf'],
  [/\b(?:S3|AWS|R2|MinIO)\b|[Aa]ccess key\b|`region`/, 's3'],
  [/`credentials`/, 's3', 'gcs'],
  [/\bbucket/, 's3', 'gcs', 'google-cdn'],
  [/Google|Cloud CDN/, 'gcs', 'google-cdn'],
  [/service account|client_email/, 'gcs'],
  [/Bunny|[Pp]ull zone/, 'bunny'],
  [/CloudFront|key group|distribution/, 'cloudfront'],
  [/Azure|`container`|shared access/, 'azure-blob'],
  [/imgix|secure URL token/, 'imgix'],
  [/imgproxy|IMGPROXY/, 'imgproxy'],
  [/ImageKit|URL-endpoint|begins with private_/, 'imagekit'],
  [/`keyId`/, 'sanity', 'cloudfront', 'google-cdn'],
  [/Sanity|dataset/, 'sanity'],
  [/Vercel|delegation/, 'vercel-blob', 'azure-blob'],
  [/`claims`/, 'jwt'],
  [/\bnginx|secure_link/, 'nginx-secure-link'],
  [/Akamai|Cloudinary|Uploadcare|EdgeAuth|`escapeEarly`/, 'edge-auth'],
];

/** Fails with each message that names a term of another store. */
function expectOwnTerms(name: string, messages: readonly (string | undefined)[]): void {
  const strange = messages.flatMap((message = '') =>
    terms.filter(([term, ...owners]) => !owners.includes(name) && term.test(message)).map(() => message),
  );
  expect(strange).toEqual([]);
}

function messageOf(call: () => unknown): string | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const wrongValues: readonly unknown[] = [undefined, null, '', 'a b', 42, [], {}, () => 7, `${url}/a?b`];

function signerOf(scheme: Scheme): Signer {
  return createSigner({ scheme, ttl: '1h', authorize: () => true, now: () => instant } as never);
}

/** Errors of options: of the scheme, and of the signer around it. */
function optionMessages({ make, options }: Store): (string | undefined)[] {
  const scheme = make(options);
  const signer = { scheme, ttl: '1h', authorize: () => true };
  const ofScheme = Object.keys(options).flatMap((option) =>
    wrongValues.map((value) => messageOf(() => make({ ...options, [option]: value }))),
  );
  const wrong: readonly object[] = [
    { authorize: undefined },
    { ttl: '400d' },
    { ttl: undefined },
    { deniedVariant: 'thumb' },
    { key },
    { nonsense: 1 },
    { stableFor: '2h' },
  ];
  return [
    ...ofScheme,
    messageOf(() => make({ ...options, nonsense: 1 })),
    messageOf(() => make(undefined as never)),
    ...wrong.flatMap((each) => [
      messageOf(() => createSigner({ ...signer, ...each } as never)),
      messageOf(() => imageSigner({ ...signer, ...each } as never)),
      messageOf(() => imageGuard({ ...signer, ...each } as never)),
      messageOf(() =>
        imageDelivery({ ...signer, ...each, directory: '/', limits: { megapixels: 0 } } as never),
      ),
    ]),
  ];
}

/** URLs and ids that are right, nearly right, and of something else. */
function subjects(signer: Signer, { options, path = '/a.jpg' }: Store): unknown[] {
  const base = typeof options['url'] === 'string' ? options['url'] : url;
  const signed = signer.signImage(`${base}${path}`);
  const names = ['/a%2Fb.jpg', '/a/', '/..%2f', '/1234', '/a+b', '/a*b', '/a~b', '/a//b', '/%00', '/a?x=1'];
  return [
    ...[signed, `${signed}0`, signed.replace(/\d{4}/, '0000'), signed.toUpperCase(), `${signed}&b=1`],
    ...[`${base}${path}`, `${base}/?exp=1&sig=2`, `https://elsewhere.example${path}`, base, '/', '', 7],
    ...names.map((name) => `${base}${name}`),
    ...['\ud800', 'a'.repeat(20_000), `https://elsewhere.example/${accountHash}/${id}/thumb`],
  ];
}

const skips = Object.keys(skipped) as (keyof typeof skipped)[];
const passes = Object.keys(passed) as (keyof typeof passed)[];
const refusals = Object.keys(refused) as (keyof typeof refused)[];
/** What a scheme without accounts and variants never gives; the compiler knows it by `Match` and `Unmatched`. */
const isOfCloudflareImages = /^(?:account|variant)-|^(?:encoded-path|not-under-delivery|sharp-missing)$/;

function events(name: string): ImageSignerEvent[] {
  const all: ImageSignerEvent[] = [
    ...skips.map((reason) => ({ type: 'skipped' as const, reason, url: '/a' })),
    ...passes.map((reason) => ({ type: 'passed' as const, reason })),
    { type: 'passed', reason: 'unread-type', contentType: 'application/json' },
    ...refusals.map((reason) => ({ type: 'refused' as const, reason, url: '/a' })),
    { type: 'key-unavailable', error: new Error('no'), hasKey: false },
    { type: 'key-ends-early', scheme: name, endsAt: 1 },
    { type: 'installed-twice' },
    { type: 'installed-late', route: 'GET /' },
    { type: 'stored-token', url: '/a' },
  ];
  const isTheirs = name === cloudflare.name;
  return all.filter((event) => isTheirs || !('reason' in event) || !isOfCloudflareImages.test(event.reason));
}

const isNotThere: VerificationFailure[] = ['account-not-allowed', 'variant-not-allowed'];
const failures = refusals.filter((reason) => !/^(?:not-auth|auth|untrust)/.test(reason));

let delivery: Awaited<ReturnType<typeof startSite>>;
let answer: RequestListener;
beforeAll(async () => {
  delivery = await startSite((incoming, response) => answer(incoming, response));
});
afterAll(() => delivery.close());

describe.each([...stores, cloudflare])('$name', (each) => {
  const { name, make, options } = each;
  const isCloudflare = name === cloudflare.name;
  const signer = signerOf(make(options));
  const { configuration } = coreOf(signer)!;
  const images = isCloudflare
    ? [`https://imagedelivery.net/${accountHash}/${id}/thumb`, `https://imagedelivery.net/${id}`, '/a', 'b']
    : subjects(signer, each);

  test('errors of options', () => {
    const messages = optionMessages(each);
    expect(messages.filter(Boolean).length).toBeGreaterThan(15);
    expectOwnTerms(name, messages);
  });

  test('errors of helpers', () => {
    const messages = images.flatMap((image) => [
      messageOf(() => signer.signImage(image as string)),
      messageOf(() => signer.signImage(image as string, 'thumb' as never)),
      messageOf(() => signer.signSrcset(image as string, { thumb: '1x' } as never)),
    ]);
    expectOwnTerms(name, messages);
  });

  test('warnings', () => {
    const told: string[] = [];
    const emit = process.emitWarning;
    process.emitWarning = ((message: string) => void told.push(message)) as never;
    try {
      for (const event of events(name)) {
        Reflect.deleteProperty(globalThis, Symbol.for('image-signer.warned'));
        configuration.access.report!(event);
      }
    } finally {
      process.emitWarning = emit;
      Reflect.deleteProperty(globalThis, Symbol.for('image-signer.warned'));
    }
    expect(told.length).toBeGreaterThan(30);
    expectOwnTerms(name, told);
  });

  test('explanations of URLs', () => {
    const findings = images.flatMap((image) => explainUrl(image as string, { signer }).findings);
    expectOwnTerms(
      name,
      findings.flatMap(({ message, fix }) => [message, fix]),
    );
  });

  test('the command', () => {
    const given = isCloudflare
      ? failures
      : failures.filter((reason) => !isNotThere.includes(reason as never));
    expectOwnTerms(name, [
      ...given.flatMap((reason) =>
        images.map((image) => verificationFailure(reason as VerificationFailure, String(image), signer)),
      ),
      ...(['NOT_A_DELIVERY_URL', 'VARIANT_NOT_ALLOWED', 'KEY_UNAVAILABLE', 'SCHEME_FAILED'] as const).flatMap(
        (code) => images.map((image) => signingFailure(code, String(image), signer)),
      ),
    ]);
  });

  test('what the delivery answers', async () => {
    const origin = `${delivery.origin}/photos`;
    const at = isCloudflare ? { delivery: origin } : { url: origin };
    const present = signerOf(make({ ...options, ...at }));
    const path = isCloudflare ? `/${accountHash}/${id}/thumb` : (each.path ?? '/a.jpg');
    const signed = present.signImage(`${origin}${path}`);
    const verdict = {
      url: signed,
      place: '<img src>',
      isLoaded: true,
      outcome: 'ok',
      message: '',
      code: 'signed',
    };
    const request: PageRequest = {
      method: 'GET',
      headers: [],
      loopbackOrigins: [],
      headersOrigin: '',
      accept: '*/*',
      isRefused: () => false,
      limits: defaultLimits,
    };
    const ask = (given: PageRequest) =>
      askForImages([verdict as never], delivery.origin, given, coreOf(present)!.configuration, {
        notes: { progress: async () => {} },
      } as never);
    const told: string[] = [];
    for (const status of [401, 404, 415, 500]) {
      answer = answering({ status });
      const [{ message, fix, code } = {} as never] = await ask(request);
      expect(code).toBe('refused-by-delivery');
      told.push(message, fix!);
    }
    const [refusedAddress] = await ask({ ...request, isRefused: () => true });
    expect(refusedAddress).toMatchObject({ fix: 'If this is intended, add --allow-private.' });
    expectOwnTerms(name, told);
  });
});
