/** Sites for the law that history does not matter: each is a scheme or a list, and texts that somebody may write there. */
import * as schemes from '../../../src/schemes.ts';
import { accountHash, key, url } from '../../support/samples.ts';
import { type SchemeName, usualScheme } from '../../support/schemes/table.ts';

export interface HistorySite {
  /** Without what all sites have, such as the clock. */
  options(): Readonly<Record<string, unknown>>;
  /** What the helpers are called with, as ids or URLs, and pages hold, where an id is a relative URL. */
  readonly texts: readonly string[];
  /** Of the texts, those that signers take for ids. */
  readonly ids: readonly string[];
  readonly variants: readonly string[];
  /** A token opens more than its image: `authorize` could not limit it. */
  readonly isForEverybody?: boolean;
}

const prefixes = ['docs/', 'uploads/'];
const cdn = 'https://cdn.example';

const ids = [
  'docs/files/a.jpg',
  'uploads/b c.png',
  'uploads/é.jpg',
  'docs/a+b.jpg',
  'docs/1.jpg',
  'secret/x.jpg',
];
const ends = [
  ...'?v=1 ?v=1#part #top ? ?a=%20&b ?Expires=1&v=2 ?exp=1&sig=00 ?token=x&expires=2'.split(' '),
  '',
];
/** What is an id, a relative URL, both or neither. */
const odd = [
  '',
  '/',
  '#top',
  '//cdn.example',
  '\n\ndocs/1.jpg',
  '\ndocs/1.jpg',
  'docs/1.jpg\n',
  '\nthumb\nphoto-1',
  'thumb\nphoto-1',
  'https:docs/1.jpg',
];

function under(bases: readonly string[]): string[] {
  const paths = ids.map((id) => `/${id.replace(' ', '%20').replace('é', '%C3%A9')}`);
  const urls = bases.flatMap((base) => paths.flatMap((path) => ends.map((end) => base + path + end)));
  return [...urls, ...ids, ...ids.map((id) => `/${id}`), ...odd, `${bases[0]}/docs/../docs/1.jpg`];
}

/** Its token stands in the path, so only `strip` knows which URLs carry one. */
const inPath = (base: string): schemes.Scheme => {
  const strip = (text: string): string => text.replace(/\/t-\d+\//, '/');
  return schemes.defineScheme({
    name: 'in-path',
    url: base,
    match(text) {
      const id = strip(text).slice(base.length + 1);
      return id.startsWith('secret/') ? undefined : { id };
    },
    strip,
    sign: (text, { exp }) => text.replace(`${base}/`, `${base}/t-${exp}/`),
    verify(text, now) {
      const exp = Number(/\/t-(\d+)\//.exec(text)?.[1]);
      return now < exp ? { ok: true, expiresAt: exp } : { ok: false, reason: 'expired' };
    },
    fingerprint: 'in-path',
  });
};

const variants = {
  thumb: { width: 320 },
  card: { width: 640, ttl: '2h' },
  preview: { alwaysPublic: true },
} as const;
const images = ['photo-1', 'a,b', 'folder/é', 'x y'];
const imageTexts: readonly string[] = [
  ...images,
  ...odd,
  'photo-1/thumb',
  '/images/folder/é/preview',
  'https://imagedelivery.net/cheeW4oKsx5ljh8e8BoL2A/x y/preview?v=é',
  ...['thumb', 'card', 'preview', 'huge'].flatMap((variant) =>
    images.flatMap((image) =>
      ends.flatMap((end) => {
        const path = encodeURI(`${image}/${variant}`) + end;
        return [
          `https://imagedelivery.net/${accountHash}/${path}`,
          `/images/${path}`,
          `//imagedelivery.net/other/${path}`,
        ];
      }),
    ),
  ),
];
const delivery = ['https://imagedelivery.net', { base: '/images', accountHash }] as const;

const byScheme = (scheme: () => schemes.Scheme, bases: readonly string[]): HistorySite => ({
  options: () => ({ scheme: scheme() }),
  texts: under(bases),
  ids: ids.slice(0, 3),
  variants: [],
});

/** By the names of the schemes. */
const basesOf: Readonly<Partial<Record<SchemeName, readonly string[]>>> = {
  s3: [cdn],
  bunny: [`${cdn}/files`, '/files'],
  cloudFront: [cdn, 'https://other.example'],
  azureBlob: [`${cdn}/files`, '/media/files'],
  gcs: [cdn],
  googleCdn: [cdn],
  imgix: [cdn, '/files'],
  vercelBlob: [cdn],
  sanity: [cdn, 'https://other.example'],
  imageKit: [cdn, `${cdn}/files`],
  jwt: [`${cdn}/files`],
};

export const historySites: Readonly<Record<string, HistorySite>> = {
  'Cloudflare Images': {
    options: () => ({ key, variants, accountHash, delivery }),
    texts: imageTexts,
    ids: images.slice(0, 2),
    variants: Object.keys(variants),
  },
  ...Object.fromEntries(
    Object.entries(basesOf).map(([name, bases]) => [
      name,
      byScheme(() => usualScheme(name as SchemeName, bases, { prefixes }), bases),
    ]),
  ),
  'cloudFront, by a folder': {
    ...byScheme(() => usualScheme('cloudFront', cdn, { policy: `${cdn}/docs/*` }), [cdn]),
    isForEverybody: true,
  },
  'a scheme of its own': byScheme(() => inPath(cdn), [cdn]),
  'a list of schemes': {
    options: () => ({
      scheme: [
        usualScheme('bunny', '/files', { prefixes }),
        schemes.cloudflareImages({ key, variants, accountHash, delivery: [...delivery] }),
        usualScheme('cloudFront', cdn, { prefixes }),
      ] as never,
    }),
    texts: [...under(['/files', cdn]), ...imageTexts, url()],
    ids: [...ids.slice(0, 2), images[0]!],
    variants: Object.keys(variants),
  },
};
