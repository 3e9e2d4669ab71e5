/**
 * Plays one site with a signer that has a past, and asks a fresh one the same at every step: both have to say the same. The
 * exception is what the contract wants remembered: a URL that was given out with a life of its own.
 */
import { imageSigner } from '../../../src/fetch.ts';
import { createSigner, type ImageSignerEvent, type Signer, type SignerOptions } from '../../../src/index.ts';
import { pick } from '../../support/generators/random.ts';
import { instant } from '../../support/samples.ts';
import { historySites } from './sites.ts';

type Random = () => number;

/** A call on a signer, or on a site with it. */
type Call = (subject: Subject) => unknown;

interface Subject {
  readonly signer: Signer;
  readonly site: ReturnType<typeof imageSigner>;
  readonly events: ImageSignerEvent[];
}

export interface Played {
  readonly fault: string | undefined;
  readonly calls: number;
  /** Of calls whose result holds a signed URL. */
  readonly signed: number;
}

const steps = 40;
/** In seconds: within a step, to its end, over it, and a clock that is set right. */
const moves = [0, 0, 0, 1, 59, 899, 900, 901, 3_600, -1, -60];
const fields = { content: 'html', nested: 'json' } as const;

export async function play(random: Random): Promise<Played> {
  const chance = (share: number): boolean => random() < share;
  const [name, site] = pick(random, Object.entries(historySites));
  let now = instant;
  const asksWhom = site.isForEverybody !== true && chance(0.5);
  const options = {
    ...site.options(),
    ttl: pick(random, ['1h', '90s', '2d']),
    ...(chance(0.3) && { stableFor: pick(random, [0, 60]) }),
    ...(chance(0.4) && { memory: 1_048_576 }),
    ...(asksWhom && { authorize: (image: { id: string }, request: unknown) => maySee(image.id, request) }),
    ...(asksWhom && site.variants.includes('preview') && chance(0.5) && { deniedVariant: 'preview' }),
    now: () => now,
  };
  const create = (): Subject => {
    const events: ImageSignerEvent[] = [];
    const report = (event: ImageSignerEvent): void => void events.push(event);
    const signer = createSigner({ ...options, report } as unknown as SignerOptions);
    return { signer, site: imageSigner({ signer, rewrite: { json: true }, fields } as never), events };
  };
  /** With a life of its own: such a URL is remembered on purpose. */
  const custom = new Set<string>();
  const given: string[] = [];
  // A few, so that one text meets itself: as an id, as a URL, with and without a token.
  const texts = [...site.ids, ...Array.from({ length: 3 }, () => sameImage(random, site.texts)).flat()];
  const textOf = (): string => {
    const known = chance(0.3) && given.length > 0 ? pick(random, given) : pick(random, texts);
    return custom.has(known) ? pick(random, texts) : known;
  };
  const pages: string[] = [];
  const pageOf = (): string => {
    const page = chance(0.8) && pages.length > 1 ? pick(random, pages) : randomPage(random, textOf);
    if (pages.length < 4) pages.push(page);
    // Similar to one before, but for a word or an image.
    return chance(0.3) ? page.replace('<hr>', `<hr>${imageOf(textOf())}`) : page;
  };
  const old = create();
  let signed = 0;
  for (let step = 0; step < steps; step++) {
    now += 1000 * pick(random, moves);
    const { call, page, said } = randomCall(random, site.variants, textOf, pageOf);
    // A page that holds a URL with a life of its own may be another to a signer that gave it out.
    const isRemembered = [...custom].some((each) => page.includes(each) || page.includes(escaped(each)));
    const seen = await resultOf(call, old);
    if (isRemembered) continue;
    const expected = await resultOf(call, create());
    if (seen !== expected) {
      const fault = `${name}, step ${step}: ${said}\nused:  ${seen}\nfresh: ${expected}`;
      return { fault, calls: step, signed };
    }
    const outputs = urlsIn(seen);
    if (outputs.length > 0) signed++;
    for (const url of outputs) {
      if (said.includes('own life')) custom.add(url);
      else if (given.length < 12) given.push(url);
    }
  }
  return { fault: undefined, calls: steps, signed };
}

const tokens = ['?exp=1&sig=00', '?Expires=1&v=2', '?token=x&expires=2'];

/** Texts of one path: as it is, without a query, and with a token of some scheme that is over. */
function sameImage(random: Random, texts: readonly string[]): readonly string[] {
  const text = pick(random, texts);
  const path = text.split(/[?#]/, 1)[0]!;
  return [text, path, path + pick(random, tokens)];
}

interface RandomCall {
  readonly call: Call;
  /** What it reads, for which a memory could matter. */
  readonly page: string;
  readonly said: string;
}

function randomCall(
  random: Random,
  variants: readonly string[],
  textOf: () => string,
  pageOf: () => string,
): RandomCall {
  const text = textOf();
  const viewer = pick(random, ['anna', 'bob', undefined]);
  const variant = pick(random, [undefined, undefined, ...variants, '', 'huge', 'thumb\nphoto-1']);
  const life = pick(random, [undefined, undefined, { ttl: '5m' }, { expiresAt: instant / 1000 + 7_000 }]);
  const own = life === undefined ? '' : ' with an own life';
  const kind = Math.floor(random() * 9);
  switch (kind) {
    case 0:
    case 1:
      return {
        call: ({ signer }) => signer.signImage(text, variant as never, life as never),
        page: '',
        said: `signImage ${JSON.stringify([text, variant, life])}${own}`,
      };
    case 2: {
      const candidates = pick(random, [undefined, { thumb: '1x', card: '2x' }, { card: '9w' }]);
      return {
        call: ({ signer }) => signer.signSrcset(text, candidates as never, life as never),
        page: '',
        said: `signSrcset ${JSON.stringify([text, candidates, life])}${own}`,
      };
    }
    case 3:
      return {
        call: ({ signer }) => [signer.verifyImage(text), signer.unsignImage(text)],
        page: text,
        said: `verifyImage ${JSON.stringify(text)}`,
      };
    case 4:
    case 5: {
      const page = pageOf();
      const rewriting = {
        request: viewer,
        ...(random() < 0.3 && { ttl: '10m' as const }),
        ...(random() < 0.3 && { attributes: { hero: 'url' } as const, fields }),
      };
      return {
        call: ({ signer }) => signer.rewriteHtml(page, rewriting),
        page,
        said: `rewriteHtml ${JSON.stringify([page, rewriting])}`,
      };
    }
    default: {
      const page = pageOf();
      const asText = random() < 0.5;
      const isJson = random() < 0.2;
      const body = isJson
        ? JSON.stringify({ a: [text], content: page, nested: JSON.stringify([text]) })
        : page;
      const headers = {
        'content-type': isJson ? 'application/json' : 'text/html; charset=utf-8',
        'cache-control': 'max-age=9999',
        etag: '"a"',
        link: `<${encodeURI(text).slice(0, 200)}>; rel=preload`,
      };
      // Or with what a helper gives, which is no other page to a cache that does not know it.
      const helped = random() < 0.3;
      const request = (): Request =>
        new Request('https://site.example/', { headers: { viewer: `${viewer}` } });
      return {
        call: async ({ site }) => {
          const response = await site(request(), (_request, { signImage }) => {
            const helper = helped
              ? `<img src="${escaped(signImage(text, variant as never, life as never))}">`
              : '';
            const whole = isJson ? body : body.replace('<hr>', `<hr>${helper}`);
            return new Response(asText ? whole : Buffer.from(whole), { headers });
          });
          return [response.status, [...response.headers], await response.text()];
        },
        page: `${page} ${text} ${headers.link}`,
        said: `a response ${JSON.stringify([viewer, body, headers, helped && [text, variant, life]])}${helped ? own : ''}`,
      };
    }
  }
}

async function resultOf(call: Call, subject: Subject): Promise<string> {
  subject.events.length = 0;
  let result: unknown;
  try {
    result = await call(subject);
  } catch (error) {
    result = String(error);
  }
  return JSON.stringify([result, subject.events.filter((event) => !isToldOnce(event))]);
}

/** A signer tells of each name once, and of stored tokens once a minute. */
function isToldOnce(event: ImageSignerEvent): boolean {
  return (
    event.type === 'stored-token' || (event.type === 'skipped' && event.reason === 'parameter-not-allowed')
  );
}

function maySee(id: string, request: unknown): boolean {
  const viewer = request instanceof Request ? request.headers.get('viewer') : request;
  return viewer === 'anna' || (viewer === 'bob' && !/1|é/.test(id));
}

function randomPage(random: Random, textOf: () => string): string {
  const parts: string[] = ['<!doctype html><title>A page</title><hr>'];
  for (let left = Math.floor(random() * 8); left > 0; left--) {
    const text = escaped(textOf());
    parts.push(
      pick(random, [
        `<img src="${text}">`,
        `<img src='${text}' alt=x>`,
        `<a href="${text}">a link</a>`,
        `<img srcset="${text} 1x, ${escaped(textOf())} 2x">`,
        `<p style="background: url('${text}')">`,
        `<style>p { background: url("${text}") }</style>`,
        `<div data-image="${text}" hero="${text}">`,
        `<script type="application/json">${JSON.stringify([textOf()]).replaceAll('<', '\\u003c')}</script>`,
        `<iframe srcdoc="${escaped(`<img src="${text}">`)}"></iframe>`,
        `<img src="/_next/image?url=${encodeURIComponent(textOf())}&amp;w=64">`,
        `<p>${'Some words. '.repeat(Math.floor(random() * 600))}</p>`,
      ]),
    );
  }
  return parts.join('\n');
}

function imageOf(text: string): string {
  return `<img src="${escaped(text)}">`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
    .replaceAll('<', '&lt;');
}

/** Those that carry a token, as a page or a call would get them. */
function urlsIn(result: string): string[] {
  const text = result.replaceAll('\\u0026', '&').replaceAll('&amp;', '&').replaceAll('\\"', '"');
  const urls = text.match(
    /(?:https?:)?\/[^\s"'<>\\)]*(?:sig|Signature|token|[?&]s)=[^\s"'<>\\),]+|[^\s"'<>\\)]*\/t-\d+\/[^\s"'<>\\)]+/g,
  );
  return urls ?? [];
}
