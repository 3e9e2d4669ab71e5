/** `docs/frameworks.md` shows code of the apps that `npm run test:frameworks` runs: here it is compared with theirs. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const guide = readFileSync(join(root, 'docs/frameworks.md'), 'utf8');
const link = /\]\(\.\.\/(test\/frameworks\/[^)]+\.\w+)\)/g;
const block = /^```\w+\n([\s\S]*?)\n```$/gm;

/** Each block of code, with the file that is linked last before it. */
const recipes = Array.from(guide.matchAll(block), ({ 1: code, index }) => ({
  code: code!,
  file: [...guide.slice(0, index).matchAll(link)].at(-1)?.[1] ?? '',
}));

test('there are recipes', () => {
  expect(recipes.length).toBeGreaterThan(5);
});

test.each(recipes)('a recipe of the guide stands line by line in $file', ({ file, code }) => {
  expect(readFileSync(join(root, file), 'utf8')).toContain(code);
});

test('every app has a lock and a walk', () => {
  const apps = readdirSync(import.meta.dirname).filter((name) =>
    existsSync(join(import.meta.dirname, name, 'package.json')),
  );
  expect(apps.length).toBeGreaterThan(0);
  for (const app of apps)
    for (const file of ['package-lock.json', 'walk.ts'])
      expect(existsSync(join(import.meta.dirname, app, file)), `${app}/${file}`).toBe(true);
});
