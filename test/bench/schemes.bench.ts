/**
 * `npm run bench:schemes`: what a URL of each scheme costs beside its bare digest, s3 beside other presigners, and a page of
 * 60 images by cloudFront. Processor time, so that a busy machine changes it little; nothing is asserted. `ROUNDS`
 * sets how many.
 */
import { randomUUID } from 'node:crypto';
import { cpus } from 'node:os';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { AwsV4Signer } from 'aws4fetch';
import type { Scheme } from '../../src/schemes.ts';
import { type Base, findBase } from '../../src/url/base.ts';
import { createSigner, schemes } from './built.ts';
import { giveFigure } from './give-figure.ts';
import { type Contender, measure, processorTime, table } from './rounds.ts';
import { bucket, cloudFrontOptions, credentials, distribution, region, sites } from './scheme-sites.ts';

const rounds = Number(process.env['ROUNDS'] ?? 15);
const now = 1_790_000_000_000;
const signerOf = (scheme: Scheme): ReturnType<typeof createSigner> =>
  createSigner({ scheme, ttl: '1h', now: () => now }) as ReturnType<typeof createSigner>;

/** Each a string of its own, and not one that the engine still has to join. */
function flat(texts: readonly string[]): readonly string[] {
  return JSON.parse(JSON.stringify(texts)) as string[];
}

const ids = flat(Array.from({ length: 10_000 }, () => randomUUID().replace(/\d$/, 'f')));
/** So many images for each signer, whose cache is empty: a full one would be another thing to measure. */
const perSigner = 1_000;

/** What a scheme does for a URL, without what the signer does around it: `createScheme` keeps it under this symbol. */
interface Definition {
  readonly bases: readonly Base[];
  read?(url: string, bases: readonly Base[]): { readonly place: Place } | undefined;
  sign(
    url: string,
    terms: { readonly exp: number; readonly ttl: number; readonly step: number },
    place: Place,
  ): string;
}
const terms = { exp: now / 1_000 + 3_600, ttl: 3_600, step: 0 };

interface Place {
  readonly base: Base;
  readonly path: number;
  readonly query: number;
}

/** A signer has read the URL before it asks the scheme. */
function placeIn(url: string, { bases, read }: Definition): Place {
  const { base, reference } = findBase(url, bases)!; // every site's URLs are under its base
  const place = { base, path: reference.path + base.path.length, query: reference.query };
  return read?.(url, bases)?.place ?? place;
}

const contenders: Contender[] = sites.flatMap((site) => {
  const urls = flat(ids.slice(0, site.calls).map(site.urlOf));
  const texts = flat(ids.slice(0, site.calls).map(site.textOf));
  let signers: ReturnType<typeof createSigner>[] = [];
  let definition: Definition;
  let places: readonly Place[] = [];
  return [
    {
      name: `${site.name}: ${site.digest}`,
      units: site.calls,
      run() {
        let length = 0;
        for (const text of texts) length += site.bare(text).length;
        return length;
      },
    },
    {
      name: `${site.name}: sign`,
      units: site.calls,
      prepare() {
        definition = Reflect.get(site.scheme(), Symbol.for('image-signer.scheme.1'));
        places = urls.map((url) => placeIn(url, definition));
      },
      run() {
        let length = 0;
        for (let i = 0; i < urls.length; i++) length += definition.sign(urls[i]!, terms, places[i]!).length;
        return length;
      },
    },
    {
      name: site.name,
      units: site.calls,
      prepare() {
        signers = Array.from({ length: Math.ceil(site.calls / perSigner) }, () => signerOf(site.scheme()));
      },
      run() {
        let length = 0;
        for (let i = 0; i < urls.length; i++)
          length += signers[Math.floor(i / perSigner)]!.signImage(urls[i]!).length;
        return length;
      },
    },
  ];
});

const client = new S3Client({ region, credentials });
const few = ids.slice(0, 200);
const presigners: Contender[] = [
  {
    name: '@aws-sdk/s3-request-presigner',
    units: few.length,
    async run() {
      let length = 0;
      for (const id of few) {
        const command = new GetObjectCommand({ Bucket: 'photos', Key: `uploads/${id}.jpg` });
        length += (await getSignedUrl(client, command, { expiresIn: 4_500 })).length;
      }
      return length;
    },
  },
  {
    name: 'aws4fetch',
    units: few.length,
    async run() {
      let length = 0;
      for (const id of few) {
        const url = `${bucket}/uploads/${id}.jpg?X-Amz-Expires=4500`;
        const signer = new AwsV4Signer({ url, service: 's3', region, ...credentials, signQuery: true });
        length += (await signer.sign()).url.href.length;
      }
      return length;
    },
  },
];

function pageWith(urlOf: (id: string) => string): string {
  const images = ids
    .slice(0, 60)
    .map((id) => `<p><img src="${urlOf(id)}" width="640" height="480" alt="Photo"></p>`);
  return `<!doctype html><title>60 images</title>${images.join('\n')}`;
}

const page = pageWith((id) => `${distribution}/photos/${id}.jpg`);
const siteOf = (wanted: string) => sites.find(({ name }) => name === wanted)!;
const [gcs, cloudflare] = [siteOf('gcs'), siteOf('cloudflareImages')];
const canned = (): Scheme => schemes.cloudFront({ ...cloudFrontOptions, prefixes: 'photos/' });
const folder = (): Scheme => schemes.cloudFront({ ...cloudFrontOptions, policy: `${distribution}/photos/*` });

function pageBy(name: string, scheme: () => Scheme, isWarm: boolean, html: string = page): Contender {
  let signer = signerOf(scheme());
  return {
    name,
    units: 1,
    prepare() {
      if (!isWarm) signer = signerOf(scheme());
    },
    run: () => signer.rewriteHtml(html).length,
  };
}

const pages: Contender[] = [
  pageBy('by cloudFront, a canned policy each, cold', canned, false),
  pageBy('the same, warm', canned, true),
  pageBy('one policy for the folder, cold', folder, false),
  pageBy('the same, warm', folder, true),
  pageBy('by gcs, cold', gcs.scheme, false, pageWith(gcs.urlOf)),
  pageBy('the same, warm', gcs.scheme, true, pageWith(gcs.urlOf)),
  pageBy('by cloudflareImages, warm', cloudflare.scheme, true, pageWith(cloudflare.urlOf)),
].map((contender, index) => ({ ...contender, name: `${index + 1}. ${contender.name}` }));

const result = await measure([...contenders, ...presigners, ...pages], rounds, processorTime);
const of = (name: string): number => result.get(name)!;
const micro = (name: string): string => (of(name) / 1_000).toFixed(2);

console.log(
  `Node.js ${process.version}, ${cpus().length} x ${cpus()[0]?.model.trim()}, medians of processor time\n`,
);
console.log(
  table([
    ['a URL, cache empty', 'µs', 'digest alone, µs', 'ratio', 'in `sign`', 'goal of that', 'digest'],
    ...sites.map(({ name, digest, goal }) => [
      name,
      micro(name),
      micro(`${name}: ${digest}`),
      (of(name) / of(`${name}: ${digest}`)).toFixed(2),
      (of(`${name}: sign`) / of(`${name}: ${digest}`)).toFixed(2),
      goal === undefined ? '' : `at most ${goal}`,
      digest,
    ]),
  ]),
);
console.log(
  `\n${table([
    ['another presigner', 'µs', 'of s3'],
    ...presigners.map(({ name }) => [name, micro(name), (of(name) / of('s3')).toFixed(0)]),
  ])}\n(goal: the SDK at least 50)`,
);
console.log(
  `\n${table([['a page of 60 images', 'ms'], ...pages.map(({ name }) => [name, (of(name) / 1e6).toFixed(3)])])}`,
);

for (const { name, digest } of sites) {
  giveFigure(['schemes', name], of(name) / of(`${name}: ${digest}`), 1, 'times');
  giveFigure(['schemes', name, 'url'], of(name) / 1_000, 1, 'µs');
  giveFigure(['schemes', name, 'digest'], of(`${name}: ${digest}`) / 1_000, 1, 'µs');
}
for (const { name } of presigners) giveFigure(['schemes', name, 'of s3'], of(name) / of('s3'), 0, 'times');
const [cold, warm, coldFolder, , coldGcs, warmGcs] = pages.map(({ name }) => of(name) / 1e6) as number[];
giveFigure(['schemes', 'page by cloudFront', 'cold'], cold!, 0, 'ms');
giveFigure(['schemes', 'page by cloudFront', 'warm'], warm!, 2, 'ms');
giveFigure(['schemes', 'page by cloudFront', 'one policy'], coldFolder!, 1, 'ms');
giveFigure(['schemes', 'page by gcs', 'cold'], coldGcs!, 0, 'ms');
giveFigure(['schemes', 'page by gcs', 'warm'], warmGcs!, 2, 'ms');
