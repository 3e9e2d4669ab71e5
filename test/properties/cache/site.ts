/** A site whose pages are kept by caches: options at random, one app behind it, and what its pages then owe to caches. */
import type { IncomingMessage, RequestListener } from 'node:http';
import { createSigner, imageSigner, type Signer, type SignerOptions } from '../../../src/index.ts';
import { accountHash, type Clock, key, url } from '../../support/samples.ts';
import { type Framework, frameworks, type Handler } from '../../support/servers/frameworks.ts';
import { exchange, type Fields, type Message } from '../../support/servers/in-memory.ts';
import type { Dice } from './random-headers.ts';
import { type AppHeaders, answer } from './random-headers.ts';

const ttls: readonly number[] = [1, 2, 10, 59, 300, 3600, 86_400, 604_800];

type Life = { readonly ttl: number } | { readonly expiresAt: number };

/** What the app signs itself: anew for each response, or once and for all by the signer that the middleware uses. */
export type OwnLife = Life | { readonly url: string; readonly exp: number };

export interface Answer extends Message {
  /** Half of the shortest ttl in force, in seconds. */
  readonly life: number;
  /** The earliest expiry in the page, in seconds. */
  readonly expiresAt: number;
}

export class CachedSite {
  readonly isPersonal: boolean;
  readonly shortestTtl: number;
  readonly #clock: Clock;
  readonly #signer: Signer;
  readonly #listener: RequestListener;
  #handler: Handler = () => {};
  readonly #page: string;
  readonly #tokens: number;

  /** @param framework - the server that the app stands in */
  constructor(clock: Clock, dice: Dice, framework: Framework = frameworks[0]!) {
    const ttl = dice.among(ttls);
    const own = ['thumb', 'card', 'hero'].map(
      (name) => [name, dice.chance(0.5) ? undefined : dice.among(ttls)] as const,
    );
    const variants = own.slice(0, dice.among([1, 1, 2, 3]));
    // A step that is longer than the ttl is a mistake; it may still be longer than a variant's.
    const steps = [0, 1, 7, 60, 3600, 604_800].filter((seconds) => seconds <= ttl);
    const stableFor = dice.among([undefined, undefined, ...steps]);
    this.isPersonal = dice.chance(0.2);
    this.shortestTtl = Math.min(...variants.map(([, each]) => each ?? ttl));
    this.#clock = clock;
    this.#signer = createSigner({
      key,
      ttl,
      accountHash,
      variants: Object.fromEntries(variants.map(([name, each]) => [name, { ttl: each }])),
      ...(stableFor === undefined ? {} : { stableFor }),
      now: clock,
    } as SignerOptions) as Signer;
    const middleware = imageSigner({
      signer: this.#signer,
      ...(this.isPersonal ? { authorize: () => true } : {}),
    });
    this.#listener = framework.build([middleware], (request, response) => this.#handler(request, response));
    this.#page = variants.map(([name]) => `<img src="${url(name)}">`).join('');
    this.#tokens = variants.length;
  }

  /** Signs a URL that the app then keeps in its page. */
  sign(life: Life): OwnLife {
    const signed = this.#signer.signImage(url('thumb', 'own'), undefined, life);
    return { url: signed, exp: Number(/exp=(\d+)/.exec(signed)![1]) };
  }

  /** What a client gets. */
  get(app: AppHeaders, own: OwnLife | undefined, headers: Fields = {}): Answer {
    const now = Math.floor(this.#clock() / 1000);
    const ownLife = own === undefined ? Infinity : secondsOf(own, now);
    this.#handler = (request, response) => {
      const { signImage } = request as IncomingMessage & Express.Request;
      const signed =
        own === undefined
          ? undefined
          : 'url' in own
            ? own.url
            : signImage(url('thumb', 'own'), undefined, own);
      const image = signed === undefined ? '' : `<img src="${signed.replaceAll('&', '&amp;')}">`;
      answer(request, response, app, this.#page + image, now);
    };
    const message = exchange(this.#listener, headers, this.#clock);
    const expiries = [...message.body.matchAll(/\?exp=(\d+)&amp;sig=/g)].map(([, digits]) => Number(digits));
    if (message.status !== 304 && expiries.length !== this.#tokens + (own === undefined ? 0 : 1))
      throw new Error(`${expiries.length} tokens in ${message.body}`);
    const life = Math.floor(Math.min(this.shortestTtl, ownLife) / 2);
    return { ...message, life, expiresAt: Math.min(...expiries) };
  }

  /** What the app says where nothing stands before it. */
  getBare(app: AppHeaders): Message {
    const now = Math.floor(this.#clock() / 1000);
    return exchange((request, response) => answer(request, response, app, '', now), {}, this.#clock);
  }
}

/** How long the URL is valid; one that the app has kept past its expiry is signed anew, for the usual time. */
function secondsOf(own: OwnLife, now: number): number {
  if ('ttl' in own) return own.ttl;
  if ('expiresAt' in own) return Math.max(0, own.expiresAt - now);
  return own.exp > now ? own.exp - now : Infinity;
}
