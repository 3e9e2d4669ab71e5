/** The page "Verified against" names the versions that the tests run with. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPage } from './support/package/documents.ts';
import { walks } from './support/package/install.ts';

const root = join(import.meta.dirname, '..');
const page = readPage('docs/verified.md');
const named = Array.from(
  page.matchAll(/`(@?[a-z][\w./-]*)` (\d+(?:\.\d+)*)/g),
  ([, name, version]) => [name!, version!] as const,
);

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function readManifest(file: string): Manifest {
  return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
}

const manifests = [
  join(root, 'package.json'),
  ...walks.map((walk) => join(root, walk, 'package.json')),
  ...readdirSync(join(root, 'test/walks/frameworks'))
    .map((name) => join(root, 'test/walks/frameworks', name, 'package.json'))
    .filter((file) => existsSync(file)),
].map(readManifest);

function rangesOf(name: string): string[] {
  return manifests.flatMap(({ dependencies, devDependencies }) =>
    [dependencies?.[name], devDependencies?.[name]].filter((range) => range !== undefined),
  );
}

test('the packages are found', () => {
  expect(named.length).toBeGreaterThan(25);
});

test.each(named)('%s %s', (name, version) => {
  const versions = rangesOf(name).map((range) => range.replace(/^[\^~]/, ''));
  expect(versions.filter((each) => `${each}.`.startsWith(`${version}.`))).not.toEqual([]);
});

test('every scheme has a row', () => {
  const schemes = readdirSync(join(root, 'docs/schemes'));
  expect(schemes.length).toBeGreaterThan(10);
  for (const file of schemes) expect(page).toContain(`](schemes/${file}) |`);
});
