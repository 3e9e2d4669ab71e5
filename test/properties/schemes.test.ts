/**
 * Pages in which a stranger has chosen the URLs, rewritten with every scheme: the tree that a browser builds stays, and so
 * does everything around the URLs; a URL becomes what `signImage` makes of it, and nothing else; the tokens come off again;
 * chunks change nothing; and a second rewrite changes nothing.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSigner, type Signer } from '../../src/index.ts';
import { defineScheme, type Scheme, type SchemeDefinition } from '../../src/schemes.ts';
import type { Span } from '../../src/text/edit.ts';
import { cutAt, rewriteInChunks } from '../support/generators/chunks.ts';
import { jsonBare, jsonInScript, type Layer } from '../support/generators/escape-layers.ts';
import { bases, siteTargets } from '../support/generators/hostile-places.ts';
import { linesFault } from '../support/generators/hostile-sites.ts';
import { hostilePage, type Part, textOf } from '../support/generators/hostile-urls.ts';
import { ofMarkup } from '../support/one-url.ts';
import { readPage } from '../support/oracles/browser-reading.ts';
import { pageTree } from '../support/oracles/page-tree.ts';
import { accountHash, instant } from '../support/samples.ts';
import { type Options, type SchemeName, schemeAt, storeNames } from '../support/schemes/table.ts';
import { runs, seed } from '../support/seed.ts';

const perScheme = runs(0.06);

/** The first segment of the URLs in the pages. */
const prefixes = [`${accountHash}/`];
const absolute = bases.filter((base) => !base.startsWith('/'));

/** Every character that a scheme may write, but the `;`: in a list of URLs it becomes `%3B`, as in an author's URL. */
const worst = "!$%&'()*+,-./:=?@[]_|~";

/** A scheme of a user's that writes its token into path and query, with everything that could end a place. */
function worstScheme(
  first: string,
  last: string,
  where: Pick<SchemeDefinition, 'url' | 'from'> = { url: bases },
): Scheme {
  const strip = (url: string): string =>
    url.replace(`${first}/${accountHash}/`, `${accountHash}/`).replace(/[?&]t=.*$/, '');
  return defineScheme({
    name: 'worst',
    ...where,
    match: (url) => (strip(url).includes(`/${accountHash}/`) ? { id: url } : undefined),
    strip,
    sign: (url) =>
      `${url.replace(`${accountHash}/`, `${first}/${accountHash}/`)}${url.includes('?') ? '&' : '?'}t=${last}`,
    fingerprint: 'worst',
  });
}

interface Case {
  readonly title: string;
  readonly scheme: Scheme;
  /** The page for this scheme, if its URLs look different. */
  change?(text: string): string;
  readonly authorize?: () => boolean;
}

const local: readonly SchemeName[] = ['bunny', 'cloudflareWaf', 'imgix'];
const at = (name: SchemeName, change: Options = {}): Scheme =>
  schemeAt(name, bases[0]!, { url: local.includes(name) ? bases : absolute, prefixes, ...change });
const folder = { url: bases, policy: `${bases[0]}/${accountHash}/*`, prefixes: undefined };
const toImgproxy = (text: string): string => text.replaceAll(accountHash, 'insecure/w:10/exp:1/plain');

const cases: readonly Case[] = [
  // Azure has its container between base and name, nginx and edgeAuth other paths: they keep laws of their own.
  ...storeNames
    .filter((name) => !['azureBlob', 'nginxSecureLink', 'edgeAuth'].includes(name))
    .map((name) => ({ title: name, scheme: at(name) })),
  { title: 'cloudFront with a policy', scheme: at('cloudFront', folder) },
  {
    title: 'cloudflareWaf with authorize',
    scheme: at('cloudflareWaf', { urlSafe: true, prefixes: undefined }),
    authorize: () => true,
  },
  {
    title: 'imgproxy',
    scheme: at('imgproxy', { url: bases, prefixes: undefined }),
    change: toImgproxy,
    authorize: () => true,
  },
  // The URLs of the pages are stored under other bases than the one that they are delivered from.
  {
    title: 's3 with from',
    scheme: at('s3', { url: 'https://photos.example/a', from: bases }),
  },
  {
    title: 's3 with from and authorize',
    scheme: at('s3', { url: 'https://photos.example/a', prefixes: undefined, from: absolute }),
    authorize: () => true,
  },
  {
    title: 'bunny with from, delivered from a path',
    scheme: at('bunny', { url: ['/photos', 'https://photos.example'], from: bases }),
  },
  {
    title: 'imgproxy with from',
    scheme: at('imgproxy', { url: 'https://imgproxy.example', prefixes: undefined, from: absolute }),
    change: toImgproxy,
    authorize: () => true,
  },
  // A `|` in a path is read as `%7C`, which browsers send.
  { title: 'a scheme that writes everything', scheme: worstScheme(worst.replace(/[?./|]/g, ''), worst) },
  { title: 'a scheme that writes what ends lists', scheme: worstScheme("a'b,c", 'a),(b|,') },
  {
    title: 'a scheme that writes everything with from',
    scheme: worstScheme(worst.replace(/[?./|]/g, ''), worst, {
      url: "https://photos.example/!$&'()*+,",
      from: bases,
    }),
  },
];

function signerOf({ scheme, authorize }: Pick<Case, 'scheme' | 'authorize'>): Signer {
  return createSigner({
    scheme,
    ttl: '1h',
    now: () => instant,
    report: false,
    ...(authorize && { authorize }),
  });
}

describe.each(cases)('$title', (each) => {
  const signer = signerOf(each);

  test(`${perScheme} pages`, { timeout: 60_000 }, () => {
    const cuts = fc.array(fc.nat(2_000), { minLength: 4, maxLength: 4 });
    let signed = 0;
    fc.assert(
      fc.property(fc.nat(), cuts, (at, places) => {
        const parts = hostilePage(at).parts.map((part) => ({
          ...part,
          text: each.change?.(part.text) ?? part.text,
        }));
        const page = textOf(parts);
        const out = Buffer.from(signer.rewriteHtml(Buffer.from(page), siteTargets));
        const fault = faultOf(signer, parts, page, out, places, each.title.includes(' with from'));
        if (fault !== undefined) expect.fail(`page ${at}: ${fault}\n${page}\n became\n${out}`);
        if (out.toString() !== page) signed++;
      }),
      { numRuns: perScheme },
    );
    // One in five with imgproxy, nearly all with the others.
    expect(signed, 'pages in which something is signed').toBeGreaterThanOrEqual(Math.floor(perScheme / 30));
  });
});

function faultOf(
  signer: Signer,
  parts: readonly Part[],
  page: string,
  rewritten: Buffer,
  places: readonly number[],
  isRenamed: boolean,
): string | undefined {
  const out = rewritten.toString();
  const rewriter = signer.htmlRewriter(siteTargets);
  if (!rewriteInChunks(rewriter, cutAt(places, Buffer.from(page))).equals(rewritten))
    return 'in chunks it becomes something else';
  if (!Buffer.from(signer.rewriteHtml(rewritten, siteTargets)).equals(rewritten))
    return `a second rewrite changes it to\n${signer.rewriteHtml(out, siteTargets)}`;
  for (const scripting of [true, false]) {
    const fault = out === page ? undefined : linesFault(pageTree(page, scripting), pageTree(out, scripting));
    if (fault !== undefined) return `with${scripting ? '' : 'out'} scripts the tree changes: ${fault}`;
  }
  return (
    aroundFault(parts, out, isRenamed) ??
    valuesFault(signer, readPage(page, siteTargets), readPage(out, siteTargets))
  );
}

/**
 * What is around the URLs is there to the letter.
 * @param isRenamed - references without a semicolon, right before a URL that begins anew, are spelled anew: then it is
 *   enough if what is around means the same where it stands
 */
function aroundFault(parts: readonly Part[], out: string, isRenamed: boolean): string | undefined {
  const around = parts.filter(({ role }) => role === 'around');
  const fault = placesFault(around, out, findToTheLetter);
  if (fault !== undefined && (!isRenamed || placesFault(around, out, findInAnySpelling) !== undefined))
    return fault;
  return out.endsWith(parts.at(-1)!.text) ? undefined : 'the end of the page changes';
}

/** Where a part is in a page, from an index on. */
type Find = (part: Part, out: string, from: number) => Span | undefined;

/** Whether the parts are not there, one behind the other. */
function placesFault(parts: readonly Part[], out: string, find: Find): string | undefined {
  let at = 0;
  for (const part of parts) {
    const found = find(part, out, at);
    if (found === undefined) return `what is around a URL changes: ${part.text}`;
    at = found.end;
  }
  return undefined;
}

function findToTheLetter({ text }: Part, out: string, from: number): Span | undefined {
  const start = out.indexOf(text, from);
  return start < 0 ? undefined : { start, end: start + text.length };
}

function findInAnySpelling(part: Part, out: string, from: number): Span | undefined {
  const { text, plain } = part;
  if (plain === undefined || !hasOpenReference(text, plain.layers)) return findToTheLetter(part, out, from);
  const mayBegin = new Set(['&', '\\', plain.text[0]]);
  for (let start = from; start < out.length; start++) {
    if (!mayBegin.has(out[start])) continue;
    const isAt = (end: number): boolean =>
      unescaped(out.slice(start, end), plain.layers).startsWith(plain.text);
    // One spelling is longer than another, but not by more than this.
    const furthest = start + 4 * text.length + 100;
    if (!isAt(furthest)) continue;
    let end = start + 1;
    while (!isAt(end)) end++;
    return { start, end };
  }
  return undefined;
}

/** Whether there is a reference without its semicolon, in one of the layers. */
function hasOpenReference(text: string, layers: readonly Layer[]): boolean {
  return layers.some(
    (layer, index) =>
      !jsonLayers.has(layer) && /&#\d+(?![\d;])/.test(unescaped(text, layers.slice(index + 1))),
  );
}

/** @param layers - of JSON and of character references, the outermost last */
function unescaped(text: string, layers: readonly Layer[]): string {
  return layers.reduceRight(
    (outer, layer) => (jsonLayers.has(layer) ? withoutJson : withoutReferences)(outer),
    text,
  );
}

const jsonLayers: ReadonlySet<Layer> = new Set([jsonBare, jsonInScript]);

function withoutJson(text: string): string {
  return text.replace(/\\(?:u([\dA-Fa-f]{4})|(n)|(.))/g, (_, hex, lineFeed, itself) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    return lineFeed === undefined ? itself : '\n';
  });
}

function withoutReferences(text: string): string {
  return text.replace(
    /&(?:#x([\da-f]{1,5})|#(\d{1,6})|(amp|lt|gt|quot|sol|colon));?/gi,
    (_, hex, digits, name) =>
      name === undefined
        ? String.fromCodePoint(Number.parseInt(hex ?? digits, hex === undefined ? 10 : 16))
        : names[name.toLowerCase()]!,
  );
}

const names: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  sol: '/',
  colon: ':',
};

/** Each value that a browser reads is what `signImage` makes of it; without its token it is the same as before. */
function valuesFault(
  signer: Signer,
  before: readonly string[],
  after: readonly string[],
): string | undefined {
  if (before.length !== after.length) return 'a browser reads more values, or fewer';
  for (const [index, value] of before.entries()) {
    const inScript = ofMarkup(value);
    if (inScript !== undefined && after[index] === value) continue;
    const wanted = signedBy(signer, inScript ?? value);
    const found = ofMarkup(after[index]!) ?? after[index]!;
    if (comparable(wanted) !== comparable(found))
      return `a browser reads ${JSON.stringify(found)}, and not ${JSON.stringify(wanted)}`;
    if (wanted !== (inScript ?? value) && signedBy(signer, signer.unsignImage(wanted)) !== wanted)
      return `without its token it is another URL: ${signer.unsignImage(wanted)}`;
  }
  return undefined;
}

function signedBy(signer: Signer, value: string): string {
  // An image id, or what `ofMarkup` has marked as a text, which would be one as well.
  if (!value.includes('/') || value.startsWith('text: ')) return value;
  try {
    return signer.signImage(value);
  } catch {
    return value;
  }
}

/** What would be taken off the end of a candidate, or trimmed, is percent-encoded. */
function comparable(value: string): string {
  return value.replace(/,$/, '%2C').replace(/\|$/, '%7C').replace(/ $/, '%20');
}

test('pages whose URLs no scheme signs stay as they are, byte for byte', () => {
  const others = ['other/'];
  const names = ['s3', 'cloudFront', 'bunny', 'cloudflareWaf', 'imgix'] as const;
  const imgproxy = at('imgproxy', { url: bases, prefixes: others });
  const schemes = [...names.map((name) => at(name, { prefixes: others })), imgproxy];
  for (const [index, scheme] of schemes.entries()) {
    const signer = signerOf({ scheme });
    for (let at = seed + index; at < seed + runs(0.06); at += schemes.length) {
      const page = Buffer.from(textOf(hostilePage(at).parts));
      expect(Buffer.from(signer.rewriteHtml(page, siteTargets)).equals(page), `page ${at}`).toBe(true);
    }
  }
});
