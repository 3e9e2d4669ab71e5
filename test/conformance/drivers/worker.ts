/** Workers in the real runtime of Cloudflare. */
import { startModule } from '../../support/servers/workerd.ts';
import type { Driver, Marks } from './driver.ts';
import {
  compressedOutside,
  encodedTwice,
  endsCleanly,
  marks,
  noTags,
  noViews,
  ofHono,
  overFetch,
} from './expected-failures.ts';
import { allHeadersFirst } from './headers-first.ts';

const dateOutside: Marks = {
  endpoint: {
    'scripts of its own site, and of those that origins name, can read the clock of the server':
      'the network before it writes Date, which the runtime alone does not',
  },
};

function workerDriver(name: string, module: string, ...cannot: readonly Marks[]): Driver {
  const start = (): ReturnType<Driver['start']> => startModule(new URL(module, import.meta.url).pathname);
  return { name, cannot: marks(endsCleanly, dateOutside, allHeadersFirst, ...cannot), start };
}

const noneBetween = [overFetch, noTags, noViews, compressedOutside];
export const worker: Driver = workerDriver('the Worker', 'worker-module.ts', ...noneBetween);
export const honoWorker: Driver = workerDriver('Hono in a Worker', 'hono-module.ts', ofHono, encodedTwice);
