/** No cache that follows the standards, and none that is known, shows a page whose tokens have expired. */
import type { RequestListener } from 'node:http';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createSigner,
  type ImageSignerOptions,
  imageSigner,
  type SignerOptions,
} from '../../../src/index.ts';
import { endOnFailure, randoms } from '../../support/generators/random.ts';
import { base, type Clock, clockAt, instant, url } from '../../support/samples.ts';
import { runs } from '../../support/seed.ts';
import { type Framework, frameworks } from '../../support/servers/frameworks.ts';
import { exchange } from '../../support/servers/in-memory.ts';
import { faultOfFreshness, keepInCache } from './faults.ts';
import type { AppHeaders } from './random-headers.ts';
import { type Dice, diceFrom, randomHeaders } from './random-headers.ts';
import { TimedPolicy } from './reading.ts';
import { CachedSite, type OwnLife } from './site.ts';

/** Headers of apps, and steps of the clock after which a cache is asked again. */
const moves = runs(60); // in fewer it would miss what it is for
/** Many times what it takes, for a machine that has other things to do. */
const timeout = 240_000;
/** In Express, which answers 304 by itself. */
const movesInExpress = runs(10);
const siteCount = 20;
/** Over which the sites keep what they have. */
const movesOfCase = 200;
/** Node frees a response only when its events have run. */
const trialsPerTurn = 50;

async function tryAll(framework: Framework, count: number): Promise<void> {
  let steps = 0;
  await fc.assert(
    fc.asyncProperty(randoms, async (random) => {
      steps += await tryOnce(framework, diceFrom(random));
    }),
    { numRuns: Math.ceil(count / movesOfCase), endOnFailure },
  );
  expect(steps).toBeGreaterThan(count / 4);
}

/** @returns how often a cache was asked again */
async function tryOnce(framework: Framework, dice: Dice): Promise<number> {
  const clock = clockAt();
  TimedPolicy.clock = clock;
  const sites = Array.from({ length: siteCount }, () => new CachedSite(clock, dice, framework));
  let steps = 0;
  for (let trial = 0; trial + steps < movesOfCase; trial++) {
    clock.advance((instant + Math.floor(dice.roll() * 1e9) - clock()) / 1000);
    const isOdd = trial % 2 === 0;
    const [site, app] = [dice.among(sites), randomHeaders(dice, isOdd)];
    const [own, accept] = [ownLife(dice, clock, site, app), dice.among(['text/html', '*/*'])];
    const answer = site.get(app, own, { accept });
    let fault = faultOfFreshness(site, app, answer, isOdd, clock());
    if (fault === undefined && dice.chance(0.6))
      fault = keepInCache({ site, app, own, accept, answer, clock, dice, stepped: () => steps++ });
    if (fault !== undefined) expect.fail(fault);
    if (trial % trialsPerTurn === 0) await new Promise(setImmediate);
  }
  return steps;
}

function ownLife(dice: Dice, clock: Clock, site: CachedSite, app: AppHeaders): OwnLife | undefined {
  if (dice.chance(0.75)) return undefined;
  const seconds = Math.floor(10 ** (dice.roll() * 6));
  const life = dice.chance(0.5) ? { ttl: seconds } : { expiresAt: Math.floor(clock() / 1000) + seconds - 5 };
  // After `writeHead` the headers no longer follow what is found in the page.
  const isWrittenFirst = app.typeBy === 'writeHead' || app.fields.some(({ by }) => by === 'writeHead');
  return isWrittenFirst || dice.chance(0.5) ? life : site.sign(life);
}

describe('no cache shows a page for longer than its tokens live, or than the app has said', () => {
  test(`${moves} moves over node:http`, () => tryAll(frameworks[0]!, moves), timeout);

  test.each(frameworks.filter(({ isExpress }) => isExpress))(
    `${movesInExpress} moves in $name`,
    (framework) => tryAll(framework, movesInExpress),
  );
});

describe('where nothing is random', () => {
  test('a page that is confirmed by 304 is the page that would be sent, also with a token that the app brought', () => {
    const clock = clockAt(instant + 1000);
    const options: SignerOptions = { ...base, variants: ['thumb'], ttl: 100, stableFor: 100, now: clock };
    const brought = createSigner(options).signImage(url(), undefined, { expiresAt: instant / 1000 + 101 });
    const middleware = imageSigner(options as ImageSignerOptions);
    const listener: RequestListener = (request, response) =>
      middleware(request, response, () => {
        response.setHeader('Content-Type', 'text/html');
        response.setHeader('ETag', '"v1"');
        const isFresh = request.headers['if-none-match'] === '"v1"';
        response.statusCode = isFresh ? 304 : 200;
        response.end(isFresh ? undefined : `<img src="${brought.replace('&', '&amp;')}">`);
      });
    const stored = exchange(listener, {}, clock);
    clock.advance(98); // within one step
    const renewed = exchange(listener, { 'if-none-match': stored.headers['etag']! }, clock);
    const shown = renewed.status === 304 ? stored.body : renewed.body;
    expect(shown).toBe(exchange(listener, {}, clock).body);
  });

  test('an app that takes its time leaves as much less of it to caches', () => {
    const clock = clockAt();
    const middleware = imageSigner({ ...base, ttl: 10, stableFor: 0, now: clock } as ImageSignerOptions);
    const sent = exchange(
      (request, response) =>
        middleware(request, response, () => {
          (request as Partial<Express.Request>).signImage?.(url()); // the response begins here
          clock.advance(4);
          response.setHeader('Content-Type', 'text/html');
          response.setHeader('Cache-Control', 'max-age=60');
          response.end(`<img src="${url()}">`);
        }),
      {},
      clock,
    );
    expect(sent.body).toContain(`exp=${instant / 1000 + 10}`);
    expect(sent.headers['cache-control']).toBe('max-age=1');
  });
});
