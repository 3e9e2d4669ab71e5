/** What every server does, over every adapter that runs in Node.js: `suite.ts`. Workers are in `workers.test.ts`. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { drivers } from '../drivers/index.ts';
import { stores } from '../stores/index.ts';
import { expectMarks, runConformance } from '../suite.ts';

runConformance(drivers);

describe.each(stores)('$name', ({ leftOut }) => {
  test('leaves out what is there, and gives a reason', () => expectMarks(leftOut));
});

describe('the drivers', () => {
  test('are eight', () => {
    expect(drivers.map(({ name }) => name)).toEqual([
      'node:http',
      'Connect',
      'Express 4',
      'Express 5',
      'Koa 2',
      'Koa 3',
      'Fastify 5',
      'Hono',
    ]);
  });

  test('have at most 60 lines each', () => {
    const folder = new URL('../drivers/', import.meta.url);
    for (const name of readdirSync(folder).filter((each) => each !== 'driver.ts')) {
      const lines = readFileSync(new URL(name, folder), 'utf8').trimEnd().split('\n').length;
      expect(lines, name).toBeLessThanOrEqual(60);
    }
  });
});
