/** The code of the README and of `docs`: every block is type-checked as it stands, and those that can run do. */
import type { Express } from 'express';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSigner } from '../src/index.ts';
import { CodeFolder, listPages, readBlocks } from './support/documents.ts';

/** Their code stands in files that are tested, and other tests compare the two. */
const checkedElsewhere =
  /^docs\/(?:frameworks|monitoring|own-scheme|schemes)\.md$|^docs\/schemes\/|^docs\/project\/decisions\//;

/** What a page imports that the project does not have. */
const ambient = `
declare module '@aws-sdk/client-secrets-manager' {
  export class GetSecretValueCommand {
    constructor(input: { readonly SecretId: string });
  }
  export class SecretsManagerClient {
    constructor(options: object);
    send(command: GetSecretValueCommand): Promise<{ readonly SecretString?: string }>;
  }
}`;

const pages = ['README.md', ...listPages().filter((page) => !checkedElsewhere.test(page))];
const blocks = pages.flatMap((page) => readBlocks(page, 'ts'));
const folder = new CodeFolder();
const earlier = process.env['IMAGES_KEY'];

beforeAll(() => {
  process.env['IMAGES_KEY'] = 'a-key-for-the-documents';
});
afterAll(() => {
  if (earlier === undefined) delete process.env['IMAGES_KEY'];
  else process.env['IMAGES_KEY'] = earlier;
  folder.remove();
});

test('the pages are found', () => {
  expect(pages).toEqual(
    expect.arrayContaining([
      'docs/start/first-signed-page.md',
      'docs/reference/options.md',
      'docs/how-it-works/signed-url.md',
    ]),
  );
  expect(blocks.length).toBeGreaterThanOrEqual(17);
});

test('each block is typed as it stands, against the package as it is built', () => {
  expect(folder.typeErrors(blocks, ambient)).toEqual({});
});

describe('runs:', () => {
  // Not what reads a file, listens, asks a server of others, or needs the secret of a store.
  const runnable = blocks.filter(
    ({ place, code }) =>
      /^README|^docs\/(?:start|reference|how-it-works)\//.test(place) &&
      !/createReadStream|imageDelivery|\.listen\(|process\.env\.(?!IMAGES_KEY)/.test(code),
  );

  test('most blocks', () => {
    expect(runnable.length).toBeGreaterThanOrEqual(14);
  });

  test.each(runnable)('$place', async ({ code }) => {
    await expect(folder.run(code)).resolves.toBeDefined();
  });
});

test('the app of the first page signs its image', async () => {
  const [app] = readBlocks('docs/start/first-signed-page.md', 'ts');
  expect(app!.code).toContain('app.listen(3000);');
  const exported = await folder.run(app!.code.replace('app.listen(3000);', 'export { app };'));
  const { text } = await supertest(exported['app'] as Express)
    .get('/')
    .expect(200);
  expect(text).toMatch(/^<img src="https:.*\/thumb\?exp=\d+&amp;sig=[0-9a-f]{64}">$/);
});

test('the recipe of the signed URL makes what the package makes', async () => {
  const [recipe] = readBlocks('docs/how-it-works/signed-url.md', 'ts');
  const { signedUrl } = (await folder.run(recipe!.code)) as {
    readonly signedUrl: (path: string, exp: number, key: string) => string;
  };
  const signer = createSigner({
    key: 'a-key-for-the-recipe',
    ttl: '1d',
    variants: ['thumb'],
    accountHash: 'cheeW4oKsx5ljh8e8BoL2A',
  });
  const exp = 1_795_780_800;
  expect(signedUrl('/cheeW4oKsx5ljh8e8BoL2A/photo-1/thumb', exp, 'a-key-for-the-recipe')).toBe(
    signer.signImage('photo-1', 'thumb', { expiresAt: exp }),
  );
});
