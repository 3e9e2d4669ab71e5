/** What every server does, over every adapter that runs in Node.js: `suite.ts`. Workers are in `workers.test.ts`. */
import { describe, test } from 'vitest';
import { drivers } from '../drivers/index.ts';
import { stores } from '../stores/index.ts';
import { expectMarks, runConformance } from '../suite.ts';

runConformance(drivers);

describe.each(stores)('$name', ({ leftOut }) => {
  test('leaves out what is there, and gives a reason', () => expectMarks(leftOut));
});
