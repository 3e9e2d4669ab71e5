/** Judges what caches make of one answer: alone, and beside what they would make of the app's own headers. */

import type { AppHeaders } from './app-answer.ts';
import type { Answer, CachedSite } from './cached-site.ts';
import { type ModelCache, modelCaches } from './model-caches.ts';
import { type Reading, receive } from './timed-policy.ts';

interface Judged {
  readonly cache: ModelCache;
  readonly ours: Reading;
  /** What the cache makes of the app's own headers; undefined where that is not what the app has said. */
  readonly theirs: Reading | undefined;
}

/** @param isOdd - the app's headers have spellings that no standard knows */
export function faultOfFreshness(
  site: CachedSite,
  app: AppHeaders,
  answer: Answer,
  isOdd: boolean,
  now: number,
): string | undefined {
  const sent = receive(answer, now);
  const bare = receive(site.getBare(app), now);
  for (const cache of modelCaches) {
    if (!cache.fields.some((field) => field in answer.headers)) continue;
    const ours = cache.read(sent);
    if (!ours.isStored) continue;
    const theirs = isOdd && !cache.isStandard ? undefined : cache.read(bare);
    const fault = faultOfReading(site, answer, { cache, ours, theirs }, now);
    if (fault !== undefined)
      return `${fault} by ${cache.name}: ${JSON.stringify({ ours, theirs, life: answer.life, said: bare.headers, sent: sent.headers })}`;
  }
  if (site.isPersonal && answer.headers['etag'] !== undefined) return 'a personal page has a tag';
  return undefined;
}

function faultOfReading(site: CachedSite, answer: Answer, { cache, ours, theirs }: Judged, now: number) {
  if (site.isPersonal && cache.isShared) return 'a personal page is stored';
  if (ours.usableFor > answer.life) return 'kept for longer than half of the shortest ttl';
  const leftAfterUse = answer.expiresAt - now / 1000 - ours.usableFor;
  // Expiries count whole seconds; a page that is not shown again may have been given dead tokens by the app itself.
  if (ours.usableFor > 0 && leftAfterUse < answer.life - 1) return 'kept until its tokens are too old';
  if (theirs === undefined) return undefined;
  if (!theirs.isStored) return 'stored, and it was not,';
  const isLonger = ours.freshFor > theirs.freshFor || ours.usableFor > theirs.usableFor;
  return isLonger ? 'kept for longer than the app has said' : undefined;
}
