/** CONTRIBUTING.md: short enough to be read, and what it says holds. That the files it names exist is tested in `docs.test.ts`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPage } from './support/documents.ts';
import { withHouse } from './support/house.ts';

const page = readPage('CONTRIBUTING.md');

function sectionOf(heading: string): string {
  return page.split(`\n## ${heading}`)[1]!.split('\n## ')[0]!;
}

test('has 120 lines at most, a walk of twelve steps and a glossary of fifteen terms', () => {
  expect(page.trimEnd().split('\n').length).toBeLessThanOrEqual(120);
  expect(sectionOf('The way of one page').match(/^\d+\. /gm)!.length).toBeLessThanOrEqual(12);
  expect(sectionOf('Glossary').match(/^\| /gm)!.length - 1).toBeLessThanOrEqual(15);
});

test('names each command once, in the order of package.json', () => {
  const { scripts } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const rows = sectionOf('Commands').matchAll(/^\| (`[^|]+) \|/gm);
  const named = Array.from(rows, ([, cell]) =>
    cell!.split(', ').map((name) => name.replaceAll('`', '')),
  ).flat();
  expect(named).toEqual(Object.keys(scripts).filter((name) => name !== 'prepack'));
});

test('draws the folders as the imports have them: `npm run generate -- house` draws them anew', () => {
  expect(page).toBe(withHouse(page));
});
