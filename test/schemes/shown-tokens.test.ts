/** No event shows a token, of whichever scheme, or a part of one: logs are read by more people than pages. */
import { describe, expect, test } from 'vitest';
import { createSigner, type ImageSignerEvent, imageGuard, imageSigner } from '../../src/index.ts';
import type { Scheme } from '../../src/schemes.ts';
import { redactUrl } from '../../src/url/redaction.ts';
import { instant } from '../support/samples.ts';
import {
  type Options,
  type SchemeName,
  schemeAt,
  storeNames,
  tableScheme,
} from '../support/schemes/table.ts';
import { frameworks } from '../support/servers/frameworks.ts';
import { exchangeLater } from '../support/servers/in-memory.ts';

const url = 'https://photos.example/img';
const photo = `${url}/uploads/photo-1.jpg`;
const both = { url: [url, '/img'] };
const plain = `${url}/insecure/w:10/plain/https://photos.example/uploads/photo-1.jpg`;
const base64 = `${url}/insecure/${Buffer.from('https://photos.example/photo-1.jpg').toString('base64url')}`;
const session = {
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'a-key-that-nobody-else-has/+',
  sessionToken: 'FwoG+/short==',
};

const others: readonly (readonly [name: SchemeName, change: Options, image?: string])[] = [
  ['s3', { credentials: session }],
  ['cloudFront', { policy: `${url}/uploads/*` }],
  ['cloudflareWaf', { urlSafe: true, token: 'pass' }],
  ['nginxSecureLink', { token: ['st', 'e'] }],
  ['edgeAuth', { kind: 'acl', token: 'pass' }],
  ['edgeAuth', { preset: 'cloudinary' }],
  ['jwt', { token: 'pass' }],
  ['imgproxy', both, plain],
  ['imgproxy', both, base64],
];
const cases = [...storeNames.map((name) => [name, {}] as const), ...others].map(
  ([name, change, image = photo]: readonly [SchemeName, Options, string?]) => ({
    title: `${name} ${JSON.stringify(change)}`,
    scheme: schemeAt(name, url, change),
    image,
    isOpen: 'policy' in change,
  }),
);

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

// The tokens of one that is open are for a folder, so that `authorize` is none of its options.
describe.each(cases)('$title', ({ scheme, image, isOpen }) => {
  const authorize = (): boolean => true;
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

test.each<[SchemeName, string]>([
  ['imgix', '/img/uploads/photo-1.jpg'],
  ['bunny', '/img/uploads/photo-1.jpg'],
  ['imgproxy', '/img/insecure/plain/https://photos.example/a.jpg'],
])('events of the guard: %s', async (name, image) => {
  const events: ImageSignerEvent[] = [];
  const scheme: Scheme = tableScheme(name, { url: '/img' });
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
