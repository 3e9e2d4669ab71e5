/**
 * Law: nothing of a viewer reaches another. Whatever is remembered, of URLs, values and whole pages, each token in each
 * answer is for an image that this viewer may see, and no 304 and no shared cache hands a page of one viewer to another.
 * `NUM_RUNS=5000` plays longer.
 */
import { expect, test } from 'vitest';
import { runs, seed } from '../../support/seed.ts';
import { play } from './property.ts';
import { adapters } from './site.ts';

const sites = runs(0.048);

test.each(adapters)('over %s each viewer gets what they may see, and nobody else’s page', async (adapter) => {
  const sum = { visits: 0, tokens: 0, notModified: 0 };
  let played = 0;
  // A few sites may by chance have no answer of 304: then others are played, so that the property holds of something.
  for (; played < sites || (sum.notModified === 0 && played < 48); played++) {
    const { fault, ...count } = await play(seed + played, adapter);
    expect(fault, `SEED=${seed + played}`).toBeUndefined();
    for (const name of ['visits', 'tokens', 'notModified'] as const) sum[name] += count[name];
  }
  console.log(
    `${adapter}: ${sum.visits} visits, ${sum.tokens} tokens, ${sum.notModified} times not modified`,
  );
  expect(sum.tokens).toBeGreaterThan(played * 20);
  expect(sum.notModified).toBeGreaterThan(0);
});
