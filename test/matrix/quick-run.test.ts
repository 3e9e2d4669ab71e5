import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { longest } from '../support/longest-first.ts';
import { mirroredTests } from '../support/mirrored-tests.ts';
import { needsOf } from '../support/needs.ts';
import { root } from '../support/root.ts';
import { leftOutOfQuickRun } from '../support/run-length.ts';
import { excludedFrom } from './selection.ts';

const listed = [...leftOutOfQuickRun, ...longest.map((name) => `test/${name}.test.ts`)];

test.each(listed)('what the lists of a run name exists: %s', (file) => {
  expect(existsSync(join(root, file))).toBe(true);
});

test('every file that the matrix leaves out exists, and more of them on older versions', () => {
  const [newest, older] = [excludedFrom(root, true), excludedFrom(root, false)];
  expect(newest.length).toBeGreaterThan(0);
  expect(older).toEqual(expect.arrayContaining(newest));
  expect(older.length).toBeGreaterThan(newest.length);
});

describe('of what is nearly alike', () => {
  const all = Array.from({ length: 10 }, (_, index) => index);
  /** In a process of its own: here other files may have taken the same module, and its environment, before. */
  const partsIn = (environment: Readonly<Record<string, string>>): number[][] => {
    const { TEST_RUN: _run, PROPERTIES: _properties, ...others } = process.env;
    const from = JSON.stringify(new URL('../support/run-length.ts', import.meta.url).href);
    const code = `import(${from}).then(({ partOf }) => console.log(JSON.stringify([0, 1].map((turn) => partOf(${JSON.stringify(all)}, 2, turn)))))`;
    const args = ['--import', 'tsx', '--input-type=module', '--eval', code];
    return JSON.parse(
      execFileSync(process.execPath, args, { env: { ...others, ...environment }, encoding: 'utf8' }),
    );
  };

  test('two turns of the full run try all, and none of it twice', () => {
    const [first, second] = partsIn({});
    expect([first!.length, [...first!, ...second!].sort()]).toEqual([5, all]);
  });

  test.each([{ PROPERTIES: 'long' }, { TEST_RUN: 'quick', PROPERTIES: 'short' }])(
    'all is there in %o',
    (environment) => {
      expect(partsIn(environment)).toEqual([all, all]);
    },
  );
});

test.each([
  ['test/url/edits.test.ts', { build: false, tarball: false, browser: false, walks: [] }],
  ['test/package/built.test.ts', { build: true, tarball: false, browser: false, walks: [] }],
  [
    'test/examples/bucket.test.ts',
    { build: true, tarball: false, browser: false, walks: ['examples/bucket/local'] },
  ],
  [
    'test/conformance/workers.test.ts',
    { build: true, tarball: false, browser: false, walks: ['examples/worker/local/workerd'] },
  ],
  ['test/package/command.test.ts', { build: true, tarball: true, browser: false, walks: [] }],
  ['test/rewriting/link-browser.test.ts', { build: false, tarball: false, browser: true, walks: [] }],
  ['test/gallery/browser.test.ts', { build: true, tarball: false, browser: true, walks: [] }],
])('before %s is made what it takes, also by way of others', (file, needs) => {
  expect(needsOf(root, [join(root, file)])).toEqual(needs);
});

test('the quick run needs no second install', () => {
  const all = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts') && !file.includes('node_modules'))
    .map((file) => `test/${file}`);
  const quick = all.filter((file) => !leftOutOfQuickRun.includes(file)).map((file) => join(root, file));
  expect(needsOf(root, quick).walks).toEqual([]);
});

test.each([
  ['src/url/edits.ts', 'test/url/edits.test.ts'],
  ['./src/url/', 'test/url'],
  ['src/node/koa/middleware.ts', 'test/node/koa/middleware.test.ts'],
  ['src/web/fetch/rewrite.ts', 'test/web/fetch'],
  ['test/url', 'test/url'],
  ['--reporter=dot', '--reporter=dot'],
  ['src/fastify.ts', undefined],
])('`npm test -- %s` runs %s', (path, tests) => {
  expect(mirroredTests(root, path)).toBe(tests);
});
