/**
 * `npm run fuzz -- history`: ten thousand sites, of which each asks a signer with a past and a fresh one the same, forty times.
 * `SEED` plays the same again, `SITES` sets how many. It ends with 1 at the first difference.
 */
import { play } from '../support/history-property.ts';
import { seed } from '../support/seed.ts';

const sites = Number(process.env['SITES'] ?? 10_000);

let [calls, signed] = [0, 0];
for (let site = 0; site < sites; site++) {
  const played = await play(seed + site);
  calls += played.calls;
  signed += played.signed;
  if (played.fault !== undefined) {
    console.error(`SEED=${seed + site} SITES=1: ${played.fault}`);
    process.exit(1);
  }
  if ((site + 1) % 500 === 0) console.log(`${site + 1} sites, ${calls} calls, ${signed} of them signed`);
}
