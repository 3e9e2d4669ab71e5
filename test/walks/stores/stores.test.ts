/** The committed vectors against the libraries of the stores, and random images against the same. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { randomFrom } from '../../support/generators/random.ts';
import { storeFault } from '../../support/oracles/store-law.ts';
import { runs, seed } from '../../support/seed.ts';
import { type Given, randomGiven, stores } from './stores.ts';
import { type Setup, vectorOf, vectorsFile } from './vectors.ts';

const setups = JSON.parse(readFileSync(vectorsFile, 'utf8')).setups as readonly Setup[];

describe.each(stores)('$title', (store) => {
  test('the library makes the vectors', async () => {
    const { vectors } = setups.find(({ title }) => title === store.title)!;
    expect(vectors.length).toBeGreaterThan(0);
    for (const [url, id, issuedAt, exp, signed] of vectors) {
      const [, query = ''] = url.split('?');
      const parameters = [...new URLSearchParams(query.replaceAll('+', '%2B'))];
      const given = { url, id, parameters: store.given ? [[sourceOf(url, id), '']] : parameters } as Given;
      expect(await store.sign(given, { issuedAt, exp }), url).toBe(signed);
    }
  });

  const count = runs(2);
  test(`${count} random images are signed as by the library`, async () => {
    const random = randomFrom(seed);
    let signed = 0;
    for (let left = count; left > 0; left--) {
      const vector = await vectorOf(store, randomGiven(random, store), random);
      if (vector === undefined) continue;
      signed++;
      expect(storeFault(store, vector)).toBeUndefined();
    }
    expect(signed).toBeGreaterThan(count / 10);
  });
});

/** Of imgproxy: the source as its library takes it. */
function sourceOf(url: string, id: string): string {
  const [, plain] = url.split('/plain/');
  return plain ?? id;
}
