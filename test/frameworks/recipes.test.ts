/** Guides show code of the apps that `npm run test:frameworks` and the examples run: here it is compared with theirs. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const guides = readdirSync(join(root, 'docs/guides')).map((name) => `docs/guides/${name}`);
const link =
  /\]\(https:\/\/github\.com\/image-signer\/image-signer\/blob\/main\/((?:test\/frameworks|examples)\/[^)]+)\)/g;
const block = /^```(\w+)\n([\s\S]*?)\n```$/gm;

/** Each block of code that follows a paragraph with a link to a file, with that file. */
const recipes = guides.flatMap((guide) => {
  const text = readFileSync(join(root, guide), 'utf8');
  return Array.from(text.matchAll(block), ({ 1: language = '', 2: code = '', index }) => {
    const [paragraph = ''] = text.slice(0, index).trimEnd().split('\n\n').slice(-1);
    const linked = [...paragraph.matchAll(link)].at(-1)?.[1];
    return { guide, language, code, file: linked && decodeURIComponent(linked) };
  });
});
const copied = recipes.filter((recipe) => recipe.file !== undefined);
/** What a block says for the compiler alone: its app imports these. */
const ambient = /^(?:import type|declare) .*(?:\n+|$)/gm;

test('there are recipes for each framework', () => {
  const frameworks = ['astro', 'directus', 'inertia', 'nestjs', 'nextjs', 'nuxt', 'payload', 'react'];
  const others = ['react-router', 'strapi', 'sveltekit', 'vue', 'data', 'streams', 'stored-urls'];
  for (const name of [...frameworks, ...others])
    expect(copied.map(({ guide }) => guide)).toContain(`docs/guides/${name}.md`);
});

test.each(copied)('a recipe of $guide stands line by line in $file', ({ file, language, code }) => {
  const source = readFileSync(join(root, file!), 'utf8').replaceAll(/^.*\bbiome-ignore\b.*\n/gm, '');
  expect(source).toContain(language === 'ts' ? code.replaceAll(ambient, '').trim() : code);
});

test('code of other languages than `ts`, which is compiled, is a recipe', () => {
  const invented = recipes.filter(
    ({ file, language }) => file === undefined && !['ts', 'html', 'sh'].includes(language),
  );
  // `test/site/guides.test.ts` runs those of the first three, and the calls that those of `testing` make in Vitest and
  // Playwright; `test/site/config-files.test.ts` runs the rest.
  const run = ['data', 'infinite-scroll', 'open-pages', 'testing', 'any-site', 'local-delivery'];
  expect(new Set(invented.map(({ guide, language }) => `${guide} ${language}`))).toEqual(
    new Set([...run.map((guide) => `docs/guides/${guide}.md js`), 'docs/guides/local-delivery.md json']),
  );
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
