/** Guides show code of the apps that `npm run test:walks -- frameworks` and the examples run: here it is compared with theirs. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const guides = readdirSync(join(root, 'docs/guides')).map((name) => `docs/guides/${name}`);
const link =
  /\]\(https:\/\/github\.com\/image-signer\/image-signer\/blob\/main\/((?:test\/walks\/frameworks|examples)\/[^)]+)\)/g;
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

/** What an app takes from the environment of its test, and what its guide has users write. */
const settings: readonly (readonly [RegExp, string])[] = [
  [/^.*\bbiome-ignore\b.*\n/gm, ''],
  [/^const \{[^}]*\bDELIVERY\b[^}]*\} = process\.env;\n/gm, ''],
  [/\bkey: IMAGES_KEY\b/g, 'key: process.env.IMAGES_KEY'],
  [/\baccountHash: (?:process\.env\.)?ACCOUNT_HASH\b/g, "accountHash: 'cheeW4oKsx5ljh8e8BoL2A'"],
  [/^ *(?:delivery: (?:process\.env\.)?DELIVERY|from: (?:process\.env\.)?FORMER_BASE),.*\n/gm, ''],
  [/\bDELIVERY\]/g, "'https://imagedelivery.net']"],
  [/\.listen\(PORT, '127\.0\.0\.1'\)/g, '.listen(3000)'],
];
/** An option that a test turns on and off, with its comment: a guide shows the app with it, or without. */
const without: typeof settings = [
  [/^(?: *\/\/ .*\n)? *(?:\.\.\.\(SIGN_DATA |rewrite: .*\bREWRITE_JSON\b).*\n/gm, ''],
];
const withSwitches: typeof settings = [
  [/\.\.\.\(SIGN_DATA && \{ (.*) \}\)/g, '$1'],
  [/\bSIGN_DATA && |^ *if \(SIGN_DATA\)\n/gm, ''],
  [/\bjson: (?:process\.env\.)?REWRITE_JSON === '1'/g, 'json: true'],
  [/\bSIGN_PROPS \? (\{.*?\}) : \{\}/g, '$1'],
];

/** The file of an app as a user has it. Its indentation does not count: a guide shows a part of it at the margin. */
function asUsersHaveIt(source: string, switches: typeof settings): string {
  const written = [...settings, ...switches].reduce((text, edit) => text.replaceAll(...edit), source);
  return written.replaceAll(/^[ \t]+/gm, '').replaceAll(/\n{3,}/g, '\n\n');
}

/** @returns the first part of the code that the file does not have. What an empty line separates may stand apart in it. */
function findMissing(code: string, file: string): string | undefined {
  let rest = file;
  for (const part of code.split('\n\n')) {
    if (!rest.includes(part)) return part;
    rest = rest.slice(rest.indexOf(part) + part.length);
  }
  return undefined;
}

test('there are recipes for each framework', () => {
  const frameworks = ['astro', 'directus', 'inertia', 'nestjs', 'nextjs', 'nuxt', 'payload', 'react'];
  const others = ['react-router', 'strapi', 'sveltekit', 'vue', 'data', 'streams', 'stored-urls'];
  for (const name of [...frameworks, ...others])
    expect(copied.map(({ guide }) => guide)).toContain(`docs/guides/${name}.md`);
});

test('no guide shows a switch of the tests', () => {
  const switches =
    /(?<!process\.env\.)\b(?:IMAGES_KEY|ACCOUNT_HASH|DELIVERY|FORMER_BASE|SIGN_\w+|REWRITE_JSON)\b/;
  expect(copied.filter(({ code }) => switches.test(code))).toEqual([]);
});

test.each(copied)('a recipe of $guide stands line by line in $file', ({ file, language, code }) => {
  const shown = asUsersHaveIt(language === 'ts' ? code.replaceAll(ambient, '').trim() : code, []);
  const source = readFileSync(join(root, file!), 'utf8');
  const missing = [without, withSwitches].map((switches) =>
    findMissing(shown, asUsersHaveIt(source, switches)),
  );
  expect(missing).toContain(undefined);
});

test('code of other languages than `ts`, which is compiled, is a recipe', () => {
  const invented = recipes.filter(
    ({ file, language }) => file === undefined && !['ts', 'html', 'sh'].includes(language),
  );
  // `test/walks/docs/guides.test.ts` runs those of the first three, and the calls that those of `testing` make in Vitest and
  // Playwright; `test/site/config-files.test.ts` runs the rest.
  const run = ['data', 'infinite-scroll', 'open-pages', 'testing', 'any-site', 'local-delivery'];
  expect(new Set(invented.map(({ guide, language }) => `${guide} ${language}`))).toEqual(
    new Set([...run.map((guide) => `docs/guides/${guide}.md js`), 'docs/guides/local-delivery.md json']),
  );
});

test('every app has a lock and a walk', () => {
  const folder = join(root, 'test/walks/frameworks');
  const apps = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'package.json')));
  expect(apps.length).toBeGreaterThan(0);
  for (const app of apps)
    for (const file of ['package-lock.json', 'walk.ts'])
      expect(existsSync(join(folder, app, file)), `${app}/${file}`).toBe(true);
});
