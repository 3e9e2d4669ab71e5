/** The README: short enough to be read, and what it says holds. Its code is checked in `docs-code.test.ts`. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as schemes from '../src/schemes.ts';
import { readBlocks, readPage } from './support/documents.ts';

const readme = readPage('README.md');
const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
  readonly license: string;
  readonly engines: { readonly node: string };
  readonly dependencies?: unknown;
  readonly exports: Readonly<Record<string, string | object>>;
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

test('the facts under its title are true', () => {
  const node = manifest.engines.node.replace('>=', '');
  expect(manifest.dependencies).toBeUndefined();
  expect(readme.split('\n')[2]).toBe(
    `${manifest.license} licence · types included · Node.js ${node} or later · [no dependencies](docs/project/decisions/0006-dependencies.md)`,
  );
  const entries = Object.entries(manifest.exports).filter(([, entry]) => typeof entry === 'object');
  expect(entries.length).toBeGreaterThan(5);
  for (const [name, entry] of entries) {
    const types = Array.from(JSON.stringify(entry).matchAll(/"types":"([^"]*)"/g), ([, file]) => file);
    const ofCommonJs = name === './client' ? [] : [expect.stringMatching(/\.d\.cts$/)];
    expect(types, name).toEqual([expect.stringMatching(/\.d\.ts$/), ...ofCommonJs]);
  }
});

test('names every scheme and every entry point', () => {
  for (const name of Object.keys(schemes)) expect(readme, name).toContain(`\`${name}\``);
  const entries = Object.keys(manifest.exports).filter((name) => !/json|testing/.test(name));
  for (const name of entries) expect(readme, name).toContain(`\`image-signer${name.slice(1)}\``);
});

test('shows no picture of another host', () => {
  const pictures = Array.from(readme.matchAll(/!\[[^\]]*\]\(([^)]*)\)/g), ([, url]) => url!);
  expect(pictures).toHaveLength(2);
  expect(pictures.filter((url) => !existsSync(join(import.meta.dirname, '..', url)))).toEqual([]);
});
