/**
 * `npm run fuzz -- tree`: five million hostile pages, of which a rewrite must change neither the tree nor anything but the
 * URLs. `SEED` runs the same pages again, `PAGES` sets how many. It ends with 1 at the first fault.
 */
import { sites, treeFault } from '../support/hostile-sites.ts';
import { hostilePage, textOf } from '../support/hostile-urls.ts';
import { seed } from '../support/seed.ts';

const pages = Number(process.env['PAGES'] ?? 5_000_000);

for (let at = seed; at < seed + pages; at++) {
  const site = sites[at % sites.length]!;
  const page = hostilePage(at, site.heads);
  const places = at % 5 === 0 ? [at % 61, at % 127, at % 251, at % 509] : undefined;
  const fault = treeFault(site, page, places);
  if (fault !== undefined) {
    console.error(`page ${at}: ${fault}\n${textOf(page.parts)}`);
    process.exit(1);
  }
  if ((at - seed + 1) % 100_000 === 0) console.log(`${at - seed + 1} pages`);
}
