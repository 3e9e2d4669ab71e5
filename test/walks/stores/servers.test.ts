/** Azurite and s3rver compute each signature on their own, and know neither this package nor the libraries. */
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { expect, test } from 'vitest';
import { type AzureContainer, startAzurite } from '../../../examples/bucket/local/azurite.ts';
import { credentials, region, startBucket } from '../../../examples/bucket/local/bucket.ts';
import { checkScheme } from '../../../src/testing.ts';
import { encodeName, mayHaveUrl, namesOfEachCharacter, randomName } from '../../support/generators/names.ts';
import { randomFrom } from '../../support/generators/random.ts';
import { signerOf } from '../../support/oracles/store-law.ts';
import { makeScheme, type Options } from '../../support/schemes/table.ts';
import { seed } from '../../support/seed.ts';

async function answerOf(url: string): Promise<string> {
  const response = await fetch(url);
  return `${response.status} ${response.ok ? await response.text() : ''}`;
}

function namesOf(seed: number): ReadonlySet<string> {
  const random = randomFrom(seed);
  return new Set(
    [...namesOfEachCharacter, ...Array.from({ length: 100 }, () => randomName(random))].filter(mayHaveUrl),
  );
}

async function* faultsOfBucket(url: string, seed: number): AsyncGenerator<string> {
  const options = { region, credentials, endpoint: new URL(url).origin, forcePathStyle: true };
  const checksums = {
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  } as const;
  const client = new S3Client({ ...options, ...checksums });
  const signer = signerOf(
    { scheme: 's3', options: { url, region, credentials } },
    Math.floor(Date.now() / 1000),
  );
  let [delivered, all] = [0, 0];
  for (const name of namesOf(seed)) {
    const place = { Bucket: 'photos', Key: `uploads/${name}` };
    // The server keeps objects as files, and has no file for some names.
    await client.send(new PutObjectCommand({ ...place, Body: name })).catch(() => undefined);
    const theirs = await answerOf(await getSignedUrl(client, new GetObjectCommand(place)));
    const images = [
      `${url}/uploads/${encodeName(name)}`,
      ...(name.includes('://') ? [] : [`uploads/${name}`]),
    ];
    for (const image of images)
      if ((await answerOf(signer.signImage(image))) !== theirs) yield `${image} is not ${theirs}`;
    all++;
    if (theirs === `200 ${name}`) delivered++;
  }
  client.destroy();
  if (delivered < all / 2) yield `only ${delivered} of ${all} were delivered`;
}

type AzureWalk = (azurite: AzureContainer, seed: number) => Promise<readonly string[]>;

const siteOf = ({ url, account, container }: AzureContainer): Options => ({ url, account, container });
const now = (): number => Math.floor(Date.now() / 1000);

const azureWalks: Readonly<Record<string, AzureWalk>> = {
  async 'delivers each name for our URL, and nothing for a plain one or for that of another name'(
    azurite,
    seed,
  ) {
    const signer = signerOf(
      { scheme: 'azureBlob', options: { ...siteOf(azurite), key: azurite.key } },
      now(),
    );
    const other = new URL(signer.signImage('uploads/other.jpg')).search;
    const faults: string[] = [];
    for (const name of namesOf(seed)) {
      await azurite.put(`uploads/${name}`, 'image/png', name);
      const plain = `${azurite.url}/photos/uploads/${encodeName(name)}`;
      const answers = await Promise.all([signer.signImage(plain), plain, plain + other].map(answerOf));
      // `fetch` takes a byte order mark off the beginning of a text.
      const wanted = [`200 ${name.replace(/^\ufeff/, '')}`, '403 ', '403 '];
      if (answers.join() !== wanted.join()) faults.push(`${name}: ${answers}`);
    }
    return faults;
  },
  async 'delivers by a user delegation key, and refuses what has expired or was changed'(azurite) {
    await azurite.put('uploads/a b.jpg', 'image/png', 'a');
    const delegation = { $azure: [now() - 60, now() + 7_200] };
    const image = `${azurite.url}/photos/uploads/a%20b.jpg?v=2`;
    const signedAt = (options: object, seconds: number): string =>
      signerOf({ scheme: 'azureBlob', options: { ...siteOf(azurite), ...options } }, seconds).signImage(
        image,
      );
    const [ours, fresh] = [signedAt({ delegation }, now()), signedAt({ key: azurite.key }, now())];
    const wanted: readonly (readonly [string, number])[] = [
      ...([
        [ours, 200],
        [ours.replace('sktid=6', 'sktid=7'), 403],
        [fresh, 200],
      ] as const),
      ...([
        [signedAt({ key: azurite.key }, now() - 86_400), 403],
        [fresh.replace('sp=r', 'sp=rw'), 403],
      ] as const),
      ...([
        [`${fresh}&rsct=text/html`, 403],
        [fresh.replace('se=2', 'se=3'), 403],
      ] as const),
    ];
    const answers = await Promise.all(wanted.map(([url]) => answerOf(url)));
    return wanted.flatMap(([url, status], at) => (answers[at]!.startsWith(`${status} `) ? [] : [url]));
  },
  async 'agrees with every verdict of `checkScheme`'(azurite) {
    const names = ['uploads/d.jpg', 'uploads/café #1 (2).jpg', "uploads/2026//it's 100%25.jpg"];
    for (const name of names) await azurite.put(name, 'image/png', name);
    const { url, container, key } = azurite;
    const scheme = makeScheme('azureBlob', { ...siteOf(azurite), key, prefixes: 'uploads/' });
    await checkScheme(scheme, {
      urls: names.map((name) => `${url}/${container}/${encodeName(name)}`),
      foreign: [`${url}/${container}/invoices/1.jpg`, `${url}/others/uploads/d.jpg`],
      secrets: [key],
      oracle: async (image) => (await answerOf(image)).startsWith('200 '),
    });
    return [];
  },
};

test('s3rver delivers each name as for the SDK', async () => {
  const bucket = await startBucket();
  const faults: string[] = [];
  for await (const fault of faultsOfBucket(bucket.url, seed)) faults.push(fault);
  await bucket.stop();
  expect(faults).toEqual([]);
});

test.each(Object.entries(azureWalks))('Azurite %s', async (_title, walk) => {
  const azurite = await startAzurite();
  expect(await walk(azurite, seed)).toEqual([]);
  await azurite.stop();
});
