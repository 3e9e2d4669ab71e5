/** Judges what caches make of one answer: alone, and beside what they would make of the app's own headers. */

import type { Clock } from '../../support/samples.ts';
import type { Fields } from '../../support/servers/in-memory.ts';
import { type ModelCache, modelCaches } from './model-caches.ts';
import type { AppHeaders, Dice } from './random-headers.ts';
import { plainFields, type Reading, receive, TimedPolicy } from './reading.ts';
import type { Answer, CachedSite, OwnLife } from './site.ts';

interface StoredPage {
  readonly site: CachedSite;
  readonly app: AppHeaders;
  readonly own: OwnLife | undefined;
  readonly accept: string;
  readonly answer: Answer;
  readonly clock: Clock;
  readonly dice: Dice;
  /** The clock has moved, and the cache was asked again. */
  readonly stepped: () => void;
}

const rounds = 2;

export function keepInCache(stored: StoredPage): string | undefined {
  const { site, app, own, accept, clock, dice } = stored;
  let { answer } = stored;
  const request = { method: 'GET', url: '/', headers: { host: 'site.example', accept } };
  const readsByTheBook = dice.chance(0.5);
  const read = ({ status, headers }: Answer): { status: number; headers: Record<string, string> } => ({
    status,
    headers: { ...(readsByTheBook ? plainFields(headers, clock()) : headers) },
  });
  let policy: CachePolicy = new TimedPolicy(request, read(answer), { shared: dice.chance(0.5) });
  for (let round = 0; round < rounds && policy.storable(); round++) {
    clock.advance(step(dice, policy.timeToLive() / 1000, answer));
    stored.stepped();
    const { response, revalidation } = policy.evaluateRequest(request);
    const isShownOnError = !policy.revalidatedPolicy(request, { status: 503, headers: {} }).modified;
    if ((response !== undefined || isShownOnError) && answer.expiresAt <= clock() / 1000)
      return `shown after its tokens have expired: ${JSON.stringify(answer.headers)}`;
    if (revalidation === undefined) continue;
    const renewed = site.get(app, own, revalidation.headers as Fields);
    policy = policy.revalidatedPolicy(request, read(renewed)).policy;
    if (renewed.status !== 304) {
      answer = renewed;
      continue;
    }
    const fault = faultOfRenewal(stored, answer, renewed);
    if (fault !== undefined) return fault;
    answer = { ...answer, headers: renewed.headers, life: renewed.life };
  }
  return undefined;
}

type CachePolicy = ReturnType<TimedPolicy['revalidatedPolicy']>['policy'];

/** To just before or after what is kept runs out, or to the end of a step, or anywhere. */
function step(dice: Dice, timeToLive: number, { life }: Answer): number {
  if (dice.chance(0.4)) return dice.roll() ** 2 * 2 * timeToLive;
  const edge = dice.among([timeToLive, timeToLive, life / 4, life, 2 * life]);
  return Math.max(0, edge + dice.among([-1, -0.001, 0, 1]));
}

function faultOfRenewal({ site, app, own, accept }: StoredPage, answer: Answer, renewed: Answer) {
  if (site.isPersonal) return 'a personal page got 304';
  const now = site.get(app, own, { accept });
  if (now.body !== answer.body)
    return `confirmed, and its tokens have changed: ${JSON.stringify(renewed.headers)}`;
  for (const name of ['cache-control', 'etag', 'expires'])
    if (now.headers[name] !== renewed.headers[name]) return `304 says another ${name} than 200`;
  return undefined;
}

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
