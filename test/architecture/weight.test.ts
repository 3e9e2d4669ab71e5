/**
 * What keeps the house small. A change that has to raise a figure writes its reason beside it; one that removes code lowers it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** Lines of code at most, without comments and blank lines. */
const rooms: Readonly<Record<string, number>> = {
  caches: 200,
  client: 340,
  delivery: 1480,
  endpoint: 410,
  entries: 710,
  guard: 160,
  html: 1390,
  http: 620,
  markdown: 1060,
  node: 2910,
  options: 1430,
  pages: 780,
  rewriting: 2040,
  schemes: 4660,
  signer: 2760,
  signing: 520,
  simd: 470,
  text: 380,
  'tools/cli': 2710,
  'tools/dev': 110,
  'tools/diagnosis': 1460,
  'tools/init': 310,
  'tools/proxy': 1460,
  'tools/testing': 1340,
  url: 590,
  validation: 440,
  values: 1380,
  web: 1130,
};

/** Packages in the lock of the root, those of other systems included: what only a walk needs stands in a lock of its own. */
const maxPackages = 1000;
const maxScripts = 16;
/** Whole lines below `test`, of scripts of any kind. 900 of them hold every server to one law, and attacks that had no test; 100 were scripts of the build. */
const maxTestLines = 81_600;

const source = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: readFileSync(join(root, 'src', file), 'utf8') }));

/** `url`, `tools/cli`, and `entries` for what stands in `src` itself. */
function roomOf(file: string): string {
  return /^(?:tools\/)?[^/]+(?=\/)/.exec(file)?.[0] ?? 'entries';
}

function linesOfCode(text: string): number {
  const code = text.replaceAll(/^\s*\/\*[\s\S]*?\*\/|^\s*\/\/.*/gm, '');
  return code.split('\n').filter((line) => line.trim() !== '').length;
}

test('every room has a limit', () => {
  expect([...new Set(source.map(({ file }) => roomOf(file)))].sort()).toEqual(Object.keys(rooms).sort());
});

test.each(Object.entries(rooms))('src/%s has %d lines of code at most', (room, limit) => {
  const texts = source.filter(({ file }) => roomOf(file) === room).map(({ text }) => text);
  expect(linesOfCode(texts.join('\n'))).toBeLessThanOrEqual(limit);
});

describe('the repository', () => {
  test(`installs ${maxPackages} packages at most`, () => {
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: object };
    expect(Object.keys(lock.packages).length - 1).toBeLessThanOrEqual(maxPackages);
  });

  test(`has ${maxTestLines} lines of tests at most`, () => {
    const scripts = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' }).filter(
      (file) => /\.[cm]?[jt]sx?$/.test(file) && !file.includes('node_modules'),
    );
    const lines = scripts.map(
      (file) => readFileSync(join(root, 'test', file), 'utf8').split('\n').length - 1,
    );
    expect(lines.reduce((sum, each) => sum + each)).toBeLessThanOrEqual(maxTestLines);
  });

  test(`has ${maxScripts} scripts at most`, () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
    expect(Object.keys(scripts).length).toBeLessThanOrEqual(maxScripts);
  });
});

test.each([
  ['asks how a function of somebody else is written', /\bFunction\.prototype\.toString\b/],
  ['chooses a way by the version of Node.js', /\bprocess\.versions?\b/],
])('no file %s', (_what, pattern) => {
  const code = (text: string): string => text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  expect(source.filter(({ text }) => pattern.test(code(text))).map(({ file }) => file)).toEqual([]);
});
