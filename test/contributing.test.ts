/** CONTRIBUTING.md: the picture holds. That the files it names exist is tested in `docs.test.ts`. */
import { expect, test } from 'vitest';
import { withHouse } from './architecture/house.ts';
import { readPage } from './support/package/documents.ts';

test('draws the folders as the imports have them: `npm run generate -- house` draws them anew', () => {
  const page = readPage('CONTRIBUTING.md');
  expect(page).toBe(withHouse(page));
});
