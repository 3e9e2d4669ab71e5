/** `s3` against the AWS SDK and `aws4fetch`, over random keys, queries, credentials and dates. */
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { AwsV4Signer } from 'aws4fetch';
import { expect, test } from 'vitest';
import { s3 } from '../../src/schemes.ts';
import { callsOf, type SchemeCalls, termsFrom } from '../support/definition-calls.ts';
import { randomFrom } from '../support/random.ts';
import { pick, randomKey, randomParameters, randomText } from '../support/random-objects.ts';
import { atLength, seed } from '../support/seed.ts';

interface Site {
  readonly url: string;
  readonly region: string;
  readonly credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  readonly scheme: SchemeCalls;
}

const places = [
  ['https://photos.s3.eu-central-1.amazonaws.com', 'eu-central-1'],
  ['https://s3.us-west-2.amazonaws.com/photos', 'us-west-2'],
  ['https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com/photos', 'auto'],
  ['http://localhost:9000/photos', 'us-east-1'],
  ['https://storage.googleapis.com/photos', 'europe-west3'],
] as const;

function sitesOf(random: () => number): readonly Site[] {
  return places.flatMap(([url, region]) =>
    [false, true].map((isSession) => {
      const credentials = {
        accessKeyId: randomText(random, 20),
        secretAccessKey: randomText(random, 40),
        ...(isSession && { sessionToken: `${randomText(random, 300)}==` }),
      };
      return { url, region, credentials, scheme: callsOf(s3({ url, region, credentials })) };
    }),
  );
}

/** As `URL` writes a path: much of it is not as AWS does. */
function browserPath(key: string): string {
  const encoded = key.split('/').map((segment) => encodeURIComponent(segment).replaceAll('%7C', '|'));
  return encoded.join('/').replaceAll('%40', '@').replaceAll('%3B', ';').replaceAll('%3A', ':');
}

function partsOf(url: string): { path: string; parameters: string[] } {
  const [path, query] = url.split('?');
  return { path: path!, parameters: query!.split('&').sort() };
}

/** `URLSearchParams` has `+` for a space, and no escape for `*`. */
function respelled(query: string): string {
  return query.replaceAll('+', '%20').replaceAll('*', '%2A').replaceAll('%7E', '~');
}

/** From 2001 to 2036: a second of any day, one in four next to midnight. */
function randomSecond(random: () => number): number {
  const second = 1_000_000_000 + Math.floor(random() * 1_100_000_000);
  if (random() < 0.75) return second;
  return second - (second % 86_400) - Math.floor(random() * 2);
}

test('aws4fetch makes the same URLs', async () => {
  const random = randomFrom(seed);
  const sites = sitesOf(random);
  for (let i = 0; i < atLength(4_000); i++) {
    const { url, region, credentials, scheme } = pick(random, sites);
    const issuedAt = randomSecond(random);
    const lifetime = 1 + Math.floor(random() * 604_800);
    const image = new URL(`${url}/${browserPath(randomKey(random))}`);
    for (const [name, value] of randomParameters(random)) image.searchParams.append(name, value);
    const ours = scheme.sign(image.href, termsFrom(issuedAt, lifetime));
    // It reads a bare `+` in the path as a space: it gets the path as it is signed.
    const theirs = new URL(ours.slice(0, ours.indexOf('?')) + image.search);
    theirs.searchParams.set('X-Amz-Expires', String(lifetime));
    const signer = new AwsV4Signer({
      url: theirs.href,
      service: 's3',
      region,
      ...credentials,
      datetime: new Date(issuedAt * 1000).toISOString().replace(/[:-]|\.\d{3}/g, ''),
      signQuery: true,
    });
    const signed = (await signer.sign()).url;
    const href = `${signed.origin}${signed.pathname}?${respelled(signed.search.slice(1))}`;
    expect(partsOf(ours), `seed ${seed}, ${image.href}`).toEqual(partsOf(href));
  }
}, 120_000);

test("the AWS SDK's presigner makes the same URLs", async () => {
  const random = randomFrom(seed + 1);
  const sites = sitesOf(random);
  const clients = new Map(sites.map((site) => [site, clientOf(site)]));
  for (let i = 0; i < atLength(1_000); i++) {
    const site = pick(random, sites);
    const issuedAt = randomSecond(random);
    const expiresIn = 1 + Math.floor(random() * 604_800);
    const command = new GetObjectCommand({
      Bucket: 'photos',
      Key: randomKey(random),
      ...(random() < 0.5 && { ResponseContentType: `image/${randomKey(random)}` }),
      ...(random() < 0.5 && { VersionId: randomKey(random) }),
    });
    const theirs = await getSignedUrl(clients.get(site)!, command, {
      expiresIn,
      signingDate: new Date(issuedAt * 1000),
      // It would sign this header, too, which no browser sends.
      unhoistableHeaders: new Set(['x-amz-content-sha256']),
      unsignableHeaders: new Set(['x-amz-content-sha256']),
    });
    // It signs the name of the operation, which counts as a part of its token.
    const plain = site.scheme.strip(theirs);
    const image = `${plain}${plain.includes('?') ? '&' : '?'}x-id=GetObject`;
    const ours = site.scheme.sign(image, termsFrom(issuedAt, expiresIn));
    expect(partsOf(ours), `seed ${seed}, ${image}`).toEqual(partsOf(theirs));
  }
}, 120_000);

function clientOf({ url, region, credentials }: Site): S3Client {
  const { origin, pathname } = new URL(url);
  const isPath = pathname !== '/';
  return new S3Client({
    region,
    credentials,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    endpoint: isPath ? origin : url.replace('photos.', ''),
    forcePathStyle: isPath,
  });
}
