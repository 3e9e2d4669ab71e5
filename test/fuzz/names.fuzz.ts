/**
 * `npm run fuzz:names`: 5,000 random names of objects for each scheme, judged by the vendors' own code. `SEED` tries the
 * same again, `NAMES` sets how many. It ends with 1 at the first name that is not signed as the vendor signs it.
 */
import { judges } from '../support/name-judges.ts';
import { faultOf } from '../support/name-law.ts';
import { randomFrom } from '../support/random.ts';
import { mayHaveUrl, randomName } from '../support/random-names.ts';

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const names = Number(process.env['NAMES'] ?? 5_000);
console.log(`seed ${seed}: run again with SEED=${seed}`);

for (const judge of judges) {
  const random = randomFrom(seed);
  let good = 0;
  for (let left = names; left > 0; left--) {
    const name = randomName(random);
    if (mayHaveUrl(name)) good++;
    const fault = await faultOf(judge, name);
    if (fault === undefined) continue;
    console.error(`${judge.name}: ${fault}`);
    process.exit(1);
  }
  console.log(`${judge.name}: ${names} names, of which ${good} may have a URL`);
}
