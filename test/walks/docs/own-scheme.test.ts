/** `docs/own-scheme.md`: its schemes keep the rules, one is the file that is tested, and its test passes. */
import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { createSigner } from '../../../src/index.ts';
import { definitionOf, type Scheme } from '../../../src/schemes/definition.ts';
import { defineScheme } from '../../../src/schemes.ts';
import { checkScheme } from '../../../src/testing.ts';
import { myCdn } from '../../tools/testing/my-cdn.ts';
import recipes from '../../vectors/recipes.json' with { type: 'json' };

const page = readFileSync(join(import.meta.dirname, '../../../docs/own-scheme.md'), 'utf8');
const blocks = Array.from(page.matchAll(/^```ts\n(.*?)^```$/gms), ([, code]) => code!);

/** The only block that holds all of these texts. */
function blockWith(...texts: readonly string[]): string {
  const found = blocks.filter((block) => texts.every((text) => block.includes(text)));
  expect(found).toHaveLength(1);
  return found[0]!;
}

function withoutTypes(code: string): string {
  const { outputText } = ts.transpileModule(code.replaceAll(/^import .*$|^export /gm, ''), {
    compilerOptions: { target: ts.ScriptTarget.ES2023 },
  });
  return outputText;
}

const key = 'a-key-for-tests';
const env = {
  CDN_KEY: key,
  HAPROXY_KEY: btoa(key),
  VARNISH_KEY: key,
  OSS_ACCESS_KEY_ID: 'LTAIexample',
  OSS_ACCESS_KEY_SECRET: 'secret-of-oss',
  COS_SECRET_ID: 'AKIDexample',
  COS_SECRET_KEY: 'secret-of-cos',
};

/** The scheme that a block exports. */
function schemeOf(block: string): Scheme {
  const names = ['createHash', 'createHmac', 'defineScheme', 'process'];
  const run = new Function(...names, `${withoutTypes(block)}; return scheme;`);
  return run(createHash, createHmac, defineScheme, { env });
}

const photos = 'https://photos.example';
const urls = [`${photos}/uploads/a.jpg`, `${photos}/uploads/b%20c/1?v=2`];
const foreign = [`${photos}/invoices/1.jpg`, `${photos}/uploads`];

test.each([
  [
    "name: 'my-cdn'",
    ['https://cdn.example/private/photos/a.jpg', '/private/photos/b.jpg?v=2'],
    ['https://cdn.example/private/invoices/1.jpg', '/photos/a.jpg'],
  ],
  ["name: 'haproxy'", urls, foreign],
  ["name: 'varnish'", urls, foreign],
])('the scheme with %s keeps the rules', (name, urls, foreign) => {
  const scheme = schemeOf(blockWith(name, 'token: ['));
  expect(() => checkScheme(scheme, { urls, foreign, secrets: [key] })).not.toThrow();
});

test('a decoded name and a time of issue: the scheme keeps the rules', async () => {
  const scheme = schemeOf(blockWith("name: 'my-store'"));
  await definitionOf(scheme)!.secrets!.lifetime!.refresh(0);
  const store = 'https://store.example';
  const urls = [`${store}/photos/uploads/a.jpg`, `${store}/photos/uploads/b%20c.jpg?v=2`];
  const foreign = [`${store}/photos/invoices/1.jpg`, `${store}/uploads/1.jpg`];
  expect(() => checkScheme(scheme, { urls, foreign })).not.toThrow();
});

/** The instant of the vectors, in Unix seconds, and how long their tokens live. */
const instant = 1_790_000_000;
const life = 3_600;

describe.each([
  // The library takes the clock a second back.
  ['oss', 'https://photos.oss-eu-central-1.aliyuncs.com', env.OSS_ACCESS_KEY_SECRET, 0],
  ['cos', 'https://photos-1250000000.cos.eu-frankfurt.myqcloud.com', env.COS_SECRET_KEY, 1],
] as const)('the recipe of %s', (name, base, secret, early) => {
  const scheme = schemeOf(blockWith(`name: '${name}'`));

  test('signs every name as the store does', () => {
    const now = () => (instant - early) * 1_000;
    const signer = createSigner({ scheme, ttl: life, stableFor: 0, now, report: false });
    for (const vector of recipes[name]) {
      const signed = new URL(signer.signImage(vector.name));
      const wanted = new URL(vector.url);
      expect(decodeURIComponent(signed.pathname)).toBe(decodeURIComponent(wanted.pathname));
      expect(sortedParameters(signed)).toEqual(sortedParameters(wanted));
      expect(signer.verifyImage(signed.href)).toMatchObject({ ok: true });
    }
    expect(recipes[name].length).toBeGreaterThan(5);
  });

  test('keeps the rules', () => {
    expect(() =>
      checkScheme(scheme, {
        urls: [`${base}/uploads/a.jpg`, `${base}/uploads/2026/b%20c.jpg`],
        foreign: [`${base}/invoices/1.jpg`, 'https://other.example/uploads/a.jpg'],
        secrets: [secret],
      }),
    ).not.toThrow();
  });
});

function sortedParameters(url: URL): readonly (readonly [string, string])[] {
  return [...url.searchParams].toSorted(([one], [other]) => (one < other ? -1 : 1));
}

test('a token elsewhere: the code is the file that is tested', () => {
  const file = readFileSync(join(import.meta.dirname, '../../tools/testing/my-cdn.ts'), 'utf8');
  const [head, ...code] = file.split('\n');
  expect(head).toMatch(/^\/\*\*.*docs\/own-scheme\.md/);
  expect(blockWith('export function myCdn')).toBe(
    code.join('\n').replace("'../../../src/schemes.ts'", "'image-signer/schemes'"),
  );
});

test('the test passes as it stands', () => {
  const run = new Function('checkScheme', 'myCdn', withoutTypes(blockWith('checkScheme(', 'secrets: [key]')));
  expect(() => run(checkScheme, myCdn)).not.toThrow();
});

test('every rule that an error may name has a row', () => {
  const source = readFileSync(join(import.meta.dirname, '../../../src/tools/testing/subject.ts'), 'utf8');
  const [list = ''] = source.split('export type Law =')[1]!.split(';');
  const laws = Array.from(list.matchAll(/'([^']+)'/g), ([, law]) => law!);
  expect(laws).toHaveLength(17);
  for (const law of laws) expect(page).toMatch(new RegExp(`^\\|[^|]*\`${law}\`[^|]*\\|`, 'm'));
});
