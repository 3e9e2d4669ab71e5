/** CONTRIBUTING.md: short enough to be read, and what it says holds. That the files it names exist is tested in `docs.test.ts`. */
import { expect, test } from 'vitest';
import { withHouse } from './architecture/house.ts';
import { readPage } from './support/package/documents.ts';

const page = readPage('CONTRIBUTING.md');

function sectionOf(heading: string): string {
  return page.split(`\n## ${heading}`)[1]!.split('\n## ')[0]!;
}

test('has 120 lines at most, a walk of twelve steps and a glossary of fifteen terms', () => {
  expect(page.trimEnd().split('\n').length).toBeLessThanOrEqual(120);
  expect(sectionOf('The way of one page').match(/^\d+\. /gm)!.length).toBeLessThanOrEqual(12);
  expect(sectionOf('Glossary').match(/^\| /gm)!.length - 1).toBeLessThanOrEqual(15);
});

test('draws the folders as the imports have them: `npm run generate -- house` draws them anew', () => {
  expect(page).toBe(withHouse(page));
});
