/**
 * `npm run soak`: a site with the middleware under mixed load, three in ten requests broken off, for ten minutes or for
 * `SECONDS`. It prints what the server holds on to every ten seconds, and at the end `soak: ok`, or what grew.
 */

import { table } from '../bench/rounds.ts';
import { buildWhatIsOld } from '../support/built-package.ts';
import { seed } from '../support/seed.ts';
import { soak } from '../support/soak.ts';

await buildWhatIsOld();
const seconds = Number(process.env['SECONDS'] ?? 600);
const everySeconds = 10;

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
const started = performance.now();
const { counts, problems } = await soak({
  seconds,
  seed,
  samples: Math.max(9, Math.round(seconds / everySeconds)),
  onSample: ({ requests, rss, heap, handles, socketListeners, responseListeners }) =>
    console.log(
      table([
        [
          `${((performance.now() - started) / 1_000).toFixed(0)} s`.padStart(5),
          `${requests} requests`.padStart(16),
          `RSS ${mebibytes(rss)}`.padStart(14),
          `heap ${mebibytes(heap)}`.padStart(14),
          `${handles} handles`,
          `listeners ${socketListeners} a socket, ${responseListeners} a response`,
        ],
      ]),
    ),
});
console.log(
  `${counts.requests} requests: ${counts.aborted} broken off, ${counts.heads} HEAD, ${counts.notModified} not modified`,
);
console.log(problems.length === 0 ? 'soak: ok' : `soak: failed\n  ${problems.join('\n  ')}`);
process.exitCode = problems.length === 0 ? 0 : 1;
