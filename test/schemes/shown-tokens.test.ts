/** No event shows a token, of whichever scheme, or a part of one: logs are read by more people than pages. */
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createSigner, type ImageSignerEvent, imageGuard, imageSigner } from '../../src/index.ts';
import {
  azureBlob,
  bunny,
  cloudFront,
  cloudflareWaf,
  edgeAuth,
  gcs,
  googleCdn,
  imageKit,
  imgix,
  imgproxy,
  jwt,
  nginxSecureLink,
  type Scheme,
  s3,
  sanity,
  vercelBlob,
} from '../../src/schemes.ts';
import { redactUrl } from '../../src/url/redaction.ts';
import { frameworks } from '../support/frameworks.ts';
import { exchangeLater } from '../support/in-memory.ts';
import { vercelDelegation } from '../support/oracles/vercel-blob.ts';
import { instant } from '../support/samples.ts';

const url = 'https://photos.example/img';
const key = 'a-key-that-nobody-else-has/+';
const credentials = {
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  secretAccessKey: key,
  sessionToken: 'FwoG+/short==',
};
const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 1024 });
const privateKey = rsa.export({ type: 'pkcs8', format: 'pem' }).toString();
const keyPairId = 'K2JCJMDEHXQW5F';
const hex = Buffer.from(key).toString('hex');
const azureKey = Buffer.from(key).toString('base64');
const policy = `${url}/uploads/*`;

interface Case {
  readonly title: string;
  readonly scheme: Scheme;
  readonly image: string;
}

const photo = `${url}/uploads/photo-1.jpg`;
const schemes: readonly (readonly [scheme: Scheme, title?: string, image?: string])[] = [
  [s3({ url, region: 'auto', credentials })],
  [cloudFront({ url, keyId: keyPairId, key: privateKey })],
  [cloudFront({ url, keyId: keyPairId, key: privateKey, policy }), 'cloudfront with a policy'],
  [bunny({ url: [url, '/img'], key })],
  [cloudflareWaf({ url, key })],
  [cloudflareWaf({ url, key, urlSafe: true, token: 'pass' }), 'cloudflare-waf with a parameter of its own'],
  [googleCdn({ url, keyId: 'k-1', key: Buffer.from(key.slice(0, 16)).toString('base64url') })],
  [azureBlob({ url: 'https://photos.example', account: 'shopimages', container: 'img', key: azureKey })],
  [
    gcs({
      url,
      credentials: { client_email: 'images@shop-1234.iam.gserviceaccount.com', private_key: privateKey },
    }),
  ],
  [imgix({ url: [url, '/img'], key })],
  [nginxSecureLink({ url: [url, '/img'], key })],
  [nginxSecureLink({ url, key, token: ['st', 'e'] }), 'nginx with arguments of its own'],
  [edgeAuth({ url: [url, '/img'], key: hex })],
  [edgeAuth({ url, key: hex, kind: 'acl', token: 'pass' }), 'edge-auth, an acl in a parameter of its own'],
  [edgeAuth({ url, key: hex, preset: 'cloudinary' }), 'edge-auth at Cloudinary'],
  [vercelBlob({ url, delegation: vercelDelegation(instant / 1000 + 600_000) })],
  [sanity({ url, keyId: 'pk1234567890abcd', key: 'ab'.repeat(32) })],
  [imageKit({ url, key })],
  [jwt({ url, key, claims: ({ origin, path }) => ({ sub: origin + path }) })],
  [
    jwt({ url, key, token: 'pass', claims: ({ origin, path }) => ({ sub: origin + path }) }),
    'jwt in a parameter of its own',
  ],
  [
    imgproxy({ url: [url, '/img'], key: hex, salt: hex }),
    'imgproxy, plain',
    `${url}/insecure/w:10/plain/https://photos.example/uploads/photo-1.jpg`,
  ],
  [
    imgproxy({ url: [url, '/img'], key: hex, salt: hex }),
    'imgproxy, base64',
    `${url}/insecure/${Buffer.from('https://photos.example/photo-1.jpg').toString('base64url')}`,
  ],
];
const cases: readonly Case[] = schemes.map(([scheme, title = scheme.name, image = photo]) => ({
  title,
  scheme,
  image,
}));

/** Every run of eight characters that a value of the token has, but for numbers. */
function partsOfToken(signed: string, image: string): string[] {
  const values = signed
    .split(/[/?&=:#]/)
    .filter((each) => !image.includes(each) && !/^[A-Z][\w-]{0,20}[a-z]$/.test(each));
  return values
    .flatMap((value) =>
      Array.from({ length: Math.max(0, value.length - 7) }, (_, at) => value.slice(at, at + 8)),
    )
    .filter((run) => !/^\d+$/.test(run) && !image.includes(run));
}

describe.each(cases)('$title', ({ scheme, image }) => {
  const authorize = (): boolean => true;
  const isOpen = scheme === schemes[2]![0]; // its tokens open a folder, so that `authorize` is none of its options
  const signer = createSigner({
    scheme,
    ttl: '1h',
    now: () => instant,
    report: false,
    ...(!isOpen && { authorize }),
  });
  const signed = signer.signImage(image);
  const spellings = [
    signed,
    `${signed}#a`,
    signed.replace('/img/', '/img//'),
    signed.replace('https:', ''),
    signed.replace('https://photos.example', ''),
    signed.replace('ignature', '%69gnature').replace('token=', 'tok%65n='),
    signed.replace('?', '?v=1&'),
    `${signed}&v=1`,
    `https://elsewhere.example/?u=${encodeURIComponent(signed)}`,
  ];

  test('redactUrl', () => {
    const parts = partsOfToken(signed, image);
    expect(parts.length).toBeGreaterThan(10);
    for (const text of spellings) for (const part of parts) expect(redactUrl(text), part).not.toContain(part);
    expect(redactUrl(image)).toContain('photo');
  });

  test('events of a page', async () => {
    const events: ImageSignerEvent[] = [];
    const report = (event: ImageSignerEvent): void => void events.push(event);
    const listener = frameworks[0]!.build(
      [
        imageSigner({
          scheme,
          ttl: '1h',
          now: () => instant,
          report,
          ...(!isOpen && { authorize: () => false }),
        }),
      ],
      (_request, response) => {
        response.setHeader('Content-Type', 'text/html');
        response.end(spellings.map((each) => `<img src="${each.replaceAll('&', '&amp;')}">`).join(''));
      },
    );
    await exchangeLater(listener, '/', {}, 'GET');
    expect(events.length).toBeGreaterThan(0);
    const told = JSON.stringify(events);
    for (const part of partsOfToken(signed, image)) expect(told, part).not.toContain(part);
  });
});

test.each([
  ['imgix', imgix({ url: '/img', key }), '/img/uploads/photo-1.jpg'],
  ['bunny', bunny({ url: '/img', key }), '/img/uploads/photo-1.jpg'],
  [
    'imgproxy',
    imgproxy({ url: '/img', key: hex, salt: hex }),
    '/img/insecure/plain/https://photos.example/a.jpg',
  ],
])('events of the guard: %s', async (_title, scheme, image) => {
  const events: ImageSignerEvent[] = [];
  const signer = createSigner({
    scheme,
    ttl: '1h',
    now: () => instant,
    report: (event) => void events.push(event),
    authorize: () => true,
  });
  const signed = signer.signImage(image);
  const listener = frameworks[0]!.build([['/img', imageGuard({ signer })]], (_request, response) => {
    response.end('private');
  });
  for (const target of [`${signed}&`, signed.replace('.jpg', '%2Ejpg'), signed.replace('/img/', '/img//')])
    await exchangeLater(listener, target, {}, 'GET');
  expect(events.length).toBeGreaterThan(1);
  const told = JSON.stringify(events);
  for (const part of partsOfToken(signed, image)) expect(told, part).not.toContain(part);
});
