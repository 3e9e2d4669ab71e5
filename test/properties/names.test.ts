/**
 * Objects of real buckets have any name. Thousands of them here, and each character that can be printed, judged by the
 * vendors' own code; `npm run fuzz:names` tries more.
 */
import { describe, expect, test } from 'vitest';
import { judges } from '../support/name-judges.ts';
import { faultOf } from '../support/name-law.ts';
import { randomFrom } from '../support/random.ts';
import { mayHaveUrl, namesOfEachCharacter, randomName } from '../support/random-names.ts';
import { atLength, ofThisSeed, seed } from '../support/seed.ts';

describe.each(judges)('$name', (judge) => {
  test('a name with each printable character is signed as by the vendor', async () => {
    for (const name of ofThisSeed(namesOfEachCharacter))
      expect(await faultOf(judge, name), name).toBeUndefined();
  });

  test('random names are signed as by the vendor, and no others', { timeout: 120_000 }, async () => {
    const random = randomFrom(seed);
    const count = atLength(judge.isSlow ? 150 : 750, 30);
    let good = 0;
    for (let left = count; left > 0; left--) {
      const name = randomName(random);
      if (mayHaveUrl(name)) good++;
      const fault = await faultOf(judge, name);
      if (fault !== undefined) expect.fail(`seed ${seed}: ${fault}`);
    }
    expect(good).toBeGreaterThan(count / 3);
    expect(good).toBeLessThan(count);
  });
});
