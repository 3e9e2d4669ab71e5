/** The code of the README and of `docs`: every block is type-checked as it stands, and those that can run do. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createSigner } from '../../../src/index.ts';
import { type CodeBlock, CodeFolder, listPages, readBlocks } from '../../support/package/documents.ts';

/** Their code stands in files that are tested, and other tests compare the two. */
const checkedElsewhere =
  /^docs\/(?:frameworks|monitoring|own-scheme|schemes)\.md$|^docs\/schemes\/|^docs\/project\/decisions\//;

/** What a page has from packages that the project does not have. */
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
/** What `@types/passport` declares: an app adds the members of its own users to `User`, or leaves it empty. */
const passport = `
declare namespace Express {
  interface User {}
  interface Request {
    user?: User | undefined;
    isAuthenticated(): this is Request & { user: User };
  }
}`;

const pages = ['README.md', ...listPages().filter((page) => !checkedElsewhere.test(page))];
const blocks = pages.flatMap((page) => {
  const [first, ...others] = readBlocks(page, 'ts');
  return first === undefined ? [] : [first, ...others.map((block) => continued(block, first))];
});
const folder = new CodeFolder();
const secrets = ['IMAGES_KEY', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'BUNNY_KEY'];

/** In the README and on the home page, a block without an import goes on where the first one ends. */
function continued(block: CodeBlock, { code }: CodeBlock): CodeBlock {
  const goesOn = /^(?:README|docs\/index)\.md,/.test(block.place) && !/^import /m.test(block.code);
  return goesOn ? { ...block, code: code + block.code } : block;
}

beforeAll(() => {
  for (const name of secrets) vi.stubEnv(name, 'a-key-for-the-documents');
});
afterAll(() => {
  vi.unstubAllEnvs();
  folder.remove();
});

test('the blocks are found', () => {
  expect(blocks.length).toBeGreaterThanOrEqual(17);
});

test('each block is typed as it stands, against the package as it is built', () => {
  expect(folder.typeErrors(blocks, ambient)).toEqual({});
}, 240_000); // twenty seconds of one program, beside others

test.each([
  ['empty users', passport],
  [
    'users of its own',
    `${passport}\ndeclare namespace Express { interface User { id: string; name: string } }`,
  ],
])('so are those of the README in an app with the types of Passport and %s', (_, types) => {
  const readme = blocks.filter(({ place }) => place.startsWith('README'));
  expect(readme).toHaveLength(3);
  expect(folder.typeErrors(readme, types)).toEqual({});
});

describe('runs:', () => {
  // Not what reads a file, listens, asks a server of others, or needs the secret of a store.
  const runnable = blocks.filter(
    ({ place, code }) =>
      /^README|^docs\/(?:index\.md|start\/|reference\/|how-it-works\/)/.test(place) &&
      !/createReadStream|imageDelivery|\.listen\(|process\.env\.(?!IMAGES_KEY|AWS_|BUNNY_)/.test(code),
  );

  test('most blocks', () => {
    expect(runnable.length).toBeGreaterThanOrEqual(14);
  });

  test.each(runnable)('$place', async ({ code }) => {
    await expect(folder.run(code)).resolves.toBeDefined();
  });
});

test('the recipe of the signed URL makes what the package makes', async () => {
  const [recipe] = readBlocks('docs/how-it-works/signed-url.md', 'ts');
  const { signedUrl } = (await folder.run(recipe!.code)) as {
    readonly signedUrl: (path: string, exp: number, key: string) => string;
  };
  const [key, accountHash, exp] = ['a-key-for-the-recipe', 'cheeW4oKsx5ljh8e8BoL2A', 1_795_780_800];
  const signer = createSigner({ key, ttl: '1d', variants: ['thumb'], accountHash });
  expect(signedUrl(`/${accountHash}/photo-1/thumb`, exp, key)).toBe(
    signer.signImage('photo-1', 'thumb', { expiresAt: exp }),
  );
});
