/**
 * Every scheme signs as its store's own library does: the vectors are made with those, by `tsx test/walks/stores/run.ts --write`.
 * What may not have a URL is not signed, and what else is the store's own way is a row in `vectors/schemes`.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeName, mayHaveUrl, randomName } from '../support/generators/names.ts';
import { randoms } from '../support/generators/random.ts';
import {
  type Signed,
  type StoreSetup,
  signedBy,
  signerOf,
  storeFault,
} from '../support/oracles/store-law.ts';
import { runs } from '../support/seed.ts';
import stores from '../vectors/stores.json' with { type: 'json' };

const setups = stores.setups as unknown as readonly (StoreSetup & { readonly vectors: readonly Signed[] })[];

describe.each(setups)('$title', (setup) => {
  test('signs as the library of the store does', () => {
    for (const vector of setup.vectors) expect(storeFault(setup, vector)).toBeUndefined();
  });

  test('signs no name that may not have a URL', () => {
    const signer = signerOf(setup, 1_790_000_000);
    fc.assert(
      fc.property(randoms, (random) => {
        const name = randomName(random);
        if (mayHaveUrl(name)) return;
        for (const image of [name, setup.base + encodeName(name)])
          expect(signedBy(signer, image), image).toBeUndefined();
      }),
      { numRuns: runs(0.6) },
    );
  });
});
