/** All that every framework is held to, group by group. */
import { alike } from './alike.ts';
import type { Behaviours } from './behaviour.ts';
import { caching } from './caching.ts';
import { encodings } from './encodings.ts';
import { endpoint } from './endpoint.ts';
import { faults } from './faults.ts';
import { guard } from './guard.ts';
import { headers } from './headers.ts';
import { helpers } from './helpers.ts';
import { pages } from './pages.ts';
import { redirects } from './redirects.ts';
import { stored } from './stored.ts';
import { streams } from './streams.ts';
import { viewers } from './viewers.ts';
import { views } from './views.ts';

export const groups: Readonly<Record<string, Behaviours>> = {
  pages: pages,
  streams: streams,
  headers: headers,
  redirects: redirects,
  caching: caching,
  viewers: viewers,
  encodings: encodings,
  helpers: helpers,
  views: views,
  stored: stored,
  guard: guard,
  endpoint: endpoint,
  faults: faults,
  alike: alike,
};
