/** The README: short enough to be read, and what it says holds. Its code is checked in `docs-code.test.ts`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as schemes from '../src/schemes.ts';
import { readBlocks, readPage } from './support/documents.ts';

const readme = readPage('README.md');
const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
  readonly license: string;
  readonly engines: { readonly node: string };
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, { readonly types: string }>>>>;
};

test('has the two commands, and code to check', () => {
  expect(readme).toContain('npm ci && npm start');
  expect(readme).toContain('npm ci && npm test');
  expect(readBlocks('README.md', 'ts').length).toBeGreaterThanOrEqual(2);
});

test('has 170 lines at most', () => {
  expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(170);
});

test('the quick start has ten lines at most', () => {
  const [start] = readBlocks('README.md', 'ts');
  expect(start!.code.trim().split('\n').length).toBeLessThanOrEqual(10);
  expect(start!.code).toContain('accountHash');
});

test('its badges are true', () => {
  const badges = Array.from(readme.matchAll(/img\.shields\.io\/badge\/([^)]*)-blue\)/g), ([, text]) =>
    decodeURIComponent(text!),
  );
  expect(badges).toEqual([`licence-${manifest.license}`, 'types-included', `node-${manifest.engines.node}`]);
  const entries = Object.values(manifest.exports).filter((entry) => typeof entry === 'object');
  expect(entries.length).toBeGreaterThan(5);
  for (const entry of entries)
    expect(Object.values(entry).map(({ types }) => types)).toEqual([
      expect.stringMatching(/\.d\.ts$/),
      expect.stringMatching(/\.d\.cts$/),
    ]);
});

test('names every scheme and every entry point', () => {
  for (const name of Object.keys(schemes)) expect(readme, name).toContain(`\`${name}\``);
  const entries = Object.keys(manifest.exports).filter((name) => !/json|testing/.test(name));
  for (const name of entries) expect(readme, name).toContain(`\`image-signer${name.slice(1)}\``);
});
