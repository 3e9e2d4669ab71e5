/** Random visits to a site whose viewers may see different images: what each gets is held against what they may see. */
import { createHash } from 'node:crypto';
import { pick } from '../../support/generators/random.ts';
import { id, url } from '../../support/samples.ts';
import {
  type Adapter,
  type Answer,
  type Asked,
  createSite,
  imageIds,
  type Page,
  type Use,
  type ViewersSite,
  viewers,
} from './site.ts';

export interface Played {
  readonly visits: number;
  /** Tokens that were found and judged, and answers of status 304. */
  readonly tokens: number;
  readonly notModified: number;
  /** What went wrong first. */
  readonly fault: string | undefined;
}

type Random = () => number;

/** One site, and some hundred visits, several at a time. */
export async function play(random: Random, adapter: Adapter, rounds = 25): Promise<Played> {
  const site = createSite(random, adapter);
  /** Tokens and tags that were given out, to whomever. */
  const stored: string[] = [];
  /** What stood in the answers that a tag came with, and which page that was. */
  const tagged = new Map<string, { readonly text: string; readonly isOwn: boolean; readonly page: Page }[]>();
  const pages: Page[] = [];
  const count = { visits: 0, tokens: 0, notModified: 0 };
  for (let round = 0; round < rounds; round++) {
    if (pages.length < 6 || random() < 0.1) pages.push(randomPage(random, stored, site));
    const asked = Array.from({ length: 1 + Math.floor(random() * 6) }, () =>
      randomVisit(random, pages, [...tagged.keys()], adapter),
    );
    const answers = await Promise.all(asked.map((each) => site.ask(each)));
    for (const [index, answer] of answers.entries()) {
      const visit = asked[index]!; // one for each
      count.visits++;
      const tokens = tokensIn(answer);
      count.tokens += tokens.length;
      if (answer.status === 304) count.notModified++;
      const fault = faultOf(site, visit, answer) ?? (await faultOf304(site, visit, answer, tagged));
      if (fault !== undefined) return { ...count, fault: `${fault}\n${describe(visit, site, answer)}` };
      for (const token of tokens) if (stored.length < 40) stored.push(token);
      const tag = answer.header('etag');
      if (answer.status === 200 && visit.method === 'GET' && tag !== undefined) {
        tagged.set(tag, [
          ...(tagged.get(tag) ?? []),
          { text: answer.text, isOwn: visit.isOwn, page: visit.page },
        ]);
      }
    }
    if (random() < 0.1) site.now.advance(Math.floor(random() * 4_000));
  }
  return { ...count, fault: undefined };
}

function describe({ page, isOwn, ...visit }: Asked, site: ViewersSite, { status, text, header }: Answer) {
  return JSON.stringify({
    ...visit,
    isOwn,
    page,
    use: site.useOf(isOwn),
    answer: { status, text, etag: header('etag'), cacheControl: header('cache-control') },
  });
}

/** Some pages hold URLs that the signer of some uses has given out for a short time. */
function randomPage(random: Random, stored: readonly string[], { verifier }: ViewersSite): Page {
  const isShort = random() < 0.2;
  const anyUrl = (): string => {
    if (stored.length > 0 && random() < 0.3) return pick(random, stored);
    const plain = url(
      pick(random, ['thumb', 'thumb', 'card', 'preview', 'large']),
      pick(random, [...imageIds, id]),
    );
    return isShort && !plain.endsWith('large')
      ? verifier.signImage(plain, undefined, { ttl: 1 + Math.floor(random() * 6_000) })
      : plain;
  };
  const isHtml = random() < 0.75;
  const urls = Array.from({ length: 1 + Math.floor(random() * 6) }, anyUrl);
  const escaped = urls.map((each) => each.replaceAll('&', '&amp;'));
  const html = escaped
    .map((each, index) =>
      pick(random, [
        `<img src="${each}">`,
        `<img alt=x src='${each}'>`,
        `<img srcset="${each} 1x, ${escaped[0]} 2x">`,
        `<a href="${each}">text</a>`,
        `<p style="background: url(${each})">text</p>`,
        `<style>p { background: url("${urls[index]}") }</style>`,
        `<script type="application/json">${JSON.stringify({ image: urls[index] })}</script>`,
        `<iframe srcdoc="&lt;img src='${each.replaceAll('&', '&amp;')}'&gt;"></iframe>`,
        `<meta property="og:image" content="${each}">`,
      ]),
    )
    .join('\n');
  const text = isHtml ? html : JSON.stringify({ urls });
  const signs =
    random() < 0.3
      ? Array.from({ length: 1 + Math.floor(random() * 2) }, () => ({
          id: pick(random, imageIds),
          isDecided: random() < 0.3,
        }))
      : [];
  // The headers of a stream are sent before its URLs are known.
  const way = isShort ? 'whole' : pick(random, ['whole', 'whole', 'streamed'] as const);
  const link = random() < 0.3 ? `<${anyUrl()}>; rel=preload; as=image` : undefined;
  const identity = createHash('sha1')
    .update(JSON.stringify([text, signs, link]))
    .digest('hex')
    .slice(0, 12);
  return {
    type: isHtml ? 'text/html' : 'application/json',
    text,
    isShort,
    link,
    tag: pick(random, [`"${identity}"`, `W/"${identity}"`]),
    way,
    signs,
    cacheControl: pick(random, [
      undefined,
      'public, max-age=86400',
      'max-age=60',
      's-maxage=600',
      'no-cache',
    ]),
  };
}

function randomVisit(
  random: Random,
  pages: readonly Page[],
  tags: readonly string[],
  adapter: Adapter,
): Asked {
  const page = pick(random, pages);
  const conditions: Record<string, string> = {
    accept: pick(random, ['text/html', '*/*', 'application/json']),
  };
  const known = tags.length > 0 ? pick(random, tags) : page.tag;
  if (random() < 0.5) {
    conditions['if-none-match'] = pick(random, [
      known,
      known,
      tags.filter((tag) => tag.includes(page.tag.replace(/^W\//, '').slice(1, -1))).join(', ') || known,
      page.tag,
      '*',
      `${page.tag}, ${known}`,
    ]);
  }
  // Over fetch nobody sees of what type an answer will be, before a handler compares tags that are not ours.
  const isForeign = conditions['if-none-match'] !== undefined && !isOnlyOurs(conditions['if-none-match']);
  if (adapter === 'fetch' && isForeign) conditions['accept'] = 'text/html';
  if (random() < 0.1) conditions['if-modified-since'] = 'Fri, 31 Dec 2099 23:59:59 GMT';
  return {
    page,
    isOwn: random() < 0.5,
    viewer: pick(random, viewers),
    method: random() < 0.12 ? 'HEAD' : 'GET',
    conditions,
  };
}

function isOnlyOurs(tags: string): boolean {
  return tags.split(', ').every((tag) => /-is\.[0-9a-f]{24}"$/.test(tag));
}

/** Every URL of an image in an answer, without the escapes of the place it stands in. */
function urlsIn({ text, header }: Pick<Answer, 'text' | 'header'>): string[] {
  const plain = `${text}\n${header('link') ?? ''}`
    .replaceAll('&amp;', '&')
    .replaceAll('&amp;', '&')
    .replaceAll('\\u0026', '&');
  return plain.match(/https:\/\/imagedelivery\.net\/[^\s"'<>)\\,]+/g) ?? [];
}

function tokensIn(answer: Pick<Answer, 'text' | 'header'>): string[] {
  return urlsIn(answer).filter((each) => each.includes('sig='));
}

function isRewritten({ type }: Page, { rewritesJson }: Use): boolean {
  return type === 'text/html' || rewritesJson;
}

function faultOf(site: ViewersSite, visit: Asked, answer: Answer): string | undefined {
  const { page, isOwn, viewer, method } = visit;
  const use = site.useOf(isOwn);
  if (answer.status !== 200 && answer.status !== 304) return 'an answer of another status';
  const given = new Set(answer.helped.filter((_url, index) => page.signs[index]!.isDecided));
  for (const [index, { id: image, isDecided }] of page.signs.entries()) {
    const found = answer.helped[index];
    if (found === undefined) continue; // the app has answered before
    const isSigned = site.verifier.verifyImage(found).ok && found.includes('sig=');
    if (isSigned !== (isDecided || !use.isPersonal || site.may(viewer, image)))
      return `a helper gives ${viewer || 'a guest'} ${found}`;
  }
  const hasAsked = page.signs.some(({ isDecided }, index) => !isDecided && index in answer.helped);
  if (use.isPersonal && (isRewritten(page, use) || (hasAsked && answer.status === 200))) {
    if (answer.status === 304) return 'a 304 vouches for a page of one viewer';
    if (answer.header('etag') !== undefined) return 'a page of one viewer has a tag';
    const control = answer.header('cache-control') ?? '';
    if (!/\bprivate\b|\bno-store\b/.test(control) || /public|s-maxage/.test(control))
      return 'a page of one viewer may be kept by a shared cache';
  }
  if (!isRewritten(page, use)) return undefined;
  for (const found of urlsIn(answer)) {
    const verified = site.verifier.verifyImage(found);
    const [, image = '', variant = ''] = /\.net\/[^/]+\/([^?]+)\/([^/?]+)/.exec(found) ?? [];
    const maySee = !use.isPersonal || site.may(viewer, image);
    if (found.includes('sig=')) {
      if (given.has(found)) continue;
      if (!maySee) return `${viewer || 'a guest'} gets a token for ${image}`;
      if (!verified.ok) return `a token is no good: ${found}`;
    } else if (maySee && (variant === 'thumb' || variant === 'card')) {
      return `${viewer || 'a guest'} gets no token for ${image}`;
    }
  }
  if (
    answer.status === 200 &&
    method === 'GET' &&
    urlsIn(answer).length < urlsIn({ text: page.text, header: () => page.link }).length
  )
    return 'an image is gone';
  return undefined;
}

/** A 304 says that the client has what it would get: one of the tags that it has shown came with just that. */
async function faultOf304(
  site: ViewersSite,
  visit: Asked,
  answer: Answer,
  tagged: ReadonlyMap<
    string,
    readonly { readonly text: string; readonly isOwn: boolean; readonly page: Page }[]
  >,
): Promise<string | undefined> {
  if (answer.status !== 304 || !isRewritten(visit.page, site.useOf(visit.isOwn))) return undefined;
  const shown = (visit.conditions['if-none-match'] ?? '').match(/(?:W\/)?"[^"]*"/g) ?? [];
  const now = await site.ask({ ...visit, method: 'GET', conditions: {} });
  // Where one use knows a short-lived URL and another one does not, the client may have longer tokens. They must be valid.
  const isStillGood = (text: string): boolean =>
    visit.page.isShort &&
    tokensIn({ text, header: () => undefined }).every((each) => site.verifier.verifyImage(each).ok);
  const isTrue = shown.some((tag) =>
    (tagged.get(tag) ?? []).some(
      ({ text, page }) => page.tag === visit.page.tag && (text === now.text || isStillGood(text)),
    ),
  );
  return isTrue ? undefined : 'a 304 vouches for a page that the client does not have';
}
