/** The README: short enough to be read, and what it says holds. Its code is checked in `docs-code.test.ts`. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listPages, readBlocks, readPage } from './support/package/documents.ts';

const readme = readPage('README.md');
const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
  readonly license: string;
  readonly engines: { readonly node: string };
  readonly dependencies?: unknown;
  readonly exports: Readonly<Record<string, string | object>>;
};

test('has the two commands, the import for Koa, and code to check', () => {
  expect(readme).toContain('npm ci && npm start');
  expect(readme).toContain('npm ci && npm test');
  expect(readme).toContain("`import { imageSigner } from 'image-signer/koa'`");
  expect(readBlocks('README.md', 'ts')).toHaveLength(3);
});

test('what it says of the package is true', () => {
  expect(readme).toContain(`Node.js ${manifest.engines.node.replace('>=', '')} or later`);
  expect(readme).toContain(`${manifest.license} licence`);
  expect(readme).toContain('no dependencies');
  expect(manifest.dependencies).toBeUndefined();
  const entries = Object.entries(manifest.exports).filter(([, entry]) => typeof entry === 'object');
  expect(entries.length).toBeGreaterThan(5);
  for (const [name, entry] of entries) {
    const types = Array.from(JSON.stringify(entry).matchAll(/"types":"([^"]*)"/g), ([, file]) => file);
    const ofCommonJs = name.startsWith('./client') ? [] : [expect.stringMatching(/\.d\.cts$/)];
    expect(types, name).toEqual([expect.stringMatching(/\.d\.ts$/), ...ofCommonJs]);
  }
});

test('links to the page of every scheme', () => {
  const pages = listPages().filter((page) => page.startsWith('docs/schemes/'));
  expect(pages.length).toBeGreaterThan(10);
  for (const page of pages) expect(readme).toContain(`](${page})`);
});

test('the page of the entry points names each of them', () => {
  const page = readPage('docs/reference/entry-points.md');
  const entries = Object.keys(manifest.exports).filter((name) => !/json/.test(name));
  for (const name of entries) expect(page, name).toContain(`\`image-signer${name.slice(1)}\``);
});

test('shows no picture of another host', () => {
  const pictures = Array.from(readme.matchAll(/!\[[^\]]*\]\(([^)]*)\)/g), ([, url]) => url!);
  expect(pictures).toHaveLength(1);
  expect(pictures.filter((url) => !existsSync(join(import.meta.dirname, '..', url)))).toEqual([]);
});
