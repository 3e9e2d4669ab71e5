/**
 * `npm run fuzz -- viewers`: ten thousand sites with viewers who may see different images, over each server. `SEED` plays the
 * same again, `SITES` sets how many. It ends with 1 at the first answer that holds something of another viewer.
 */

import { seed } from '../support/seed.ts';
import { play } from '../support/viewers-property.ts';
import { adapters } from '../support/viewers-site.ts';

const sites = Number(process.env['SITES'] ?? 10_000);

let [visits, tokens] = [0, 0];
for (let site = 0; site < sites; site++) {
  for (const adapter of adapters) {
    const played = await play(seed + site, adapter);
    visits += played.visits;
    tokens += played.tokens;
    if (played.fault === undefined) continue;
    console.error(`${adapter}, SEED=${seed + site} SITES=1: ${played.fault}`);
    process.exit(1);
  }
  if ((site + 1) % 500 === 0) console.log(`${site + 1} sites, ${visits} visits, ${tokens} tokens`);
}
