/**
 * The texts that programs have been seen to sign in the place of path and query, most of them in public issues and
 * samples: one row each. The right text comes first.
 */
import { encodeSegment } from '../../url/canonical.ts';
import { percentDecode } from '../../url/percent-encoding.ts';
import { asBase, describe } from '../../validation/message.ts';
import type { FailureCode } from './explanation.ts';
import { simulatorPath } from './locate.ts';
import { type Parameter, type SignedParts, textOf } from './signed-parts.ts';

const pathWords = '/<account hash>/<image id>/<variant>';

/** A text that a signature may have been computed over, and what that would mean. */
export interface Candidate {
  readonly text: string;
  /** Undefined for a text that is right. */
  readonly code?: FailureCode;
  /** What was signed, as a pattern or in words, to follow "The signature was computed over". */
  readonly says?: string;
  /** Parameters that were added after signing. */
  readonly removed?: readonly Parameter[];
  /** Whether to try it with other keys and digests as well. */
  readonly isCommon?: boolean;
}

/** What is signed according to the documentation. With several `exp`, any of them may be the one that was signed. */
export function* rightTexts({ path, unsigned }: SignedParts): Generator<Candidate> {
  yield { text: textOf(path, unsigned), isCommon: true };
  const expiries = unsigned.filter(({ name }) => name === 'exp');
  if (expiries.length < 2) return;
  for (const kept of [expiries[0], expiries.at(-1)])
    yield {
      text: textOf(
        path,
        unsigned.filter((each) => each.name !== 'exp' || each === kept),
      ),
    };
}

/** The right query behind another path, or the right path with another query or none. */
export function* wrongTexts(parts: SignedParts): Generator<Candidate> {
  yield* otherPaths(parts);
  yield* otherQueries(parts);
  yield* oldSignatures(parts);
}

function* otherPaths(parts: SignedParts): Generator<Candidate> {
  const { path, pathInUrl, unsigned, idAndVariant } = parts;
  for (const [prefix, prefixed] of prefixedPaths(parts)) {
    const says = `the path with ${describe(prefix, asBase)} before it`;
    yield { text: textOf(prefixed, unsigned), code: 'signed-base-path', says, isCommon: true };
    yield { text: prefixed, code: 'signed-base-path', says: `${says}, without the query` };
  }
  for (const whole of wholeUrls(parts)) {
    const says = 'the whole URL, with its host';
    yield {
      text: textOf(whole, unsigned),
      code: 'signed-whole-url',
      says,
      isCommon: whole.startsWith('https:'),
    };
    yield { text: whole, code: 'signed-whole-url', says: `${says}, without the query` };
  }
  for (const short of [`/${idAndVariant}`, idAndVariant]) {
    const says = 'image id and variant, without the account hash';
    yield { text: textOf(short, unsigned), code: 'signed-without-account', says };
  }
  yield {
    text: textOf(path.slice(1), unsigned),
    code: 'signed-without-leading-slash',
    says: 'the path without its first slash',
  };
  for (const decoded of [percentDecode(path), percentDecode(pathInUrl)]) {
    yield {
      text: textOf(decoded, unsigned),
      code: 'signed-decoded-path',
      says: 'the path before it was percent-encoded',
    };
  }
}

/** The base's path, and the path with it. */
function prefixedPaths({ path, pathInUrl, match, configuration }: SignedParts): [string, string][] {
  const prefixes = ['/cdn-cgi/imagedelivery', ...configuration.bases.map((base) => base.path)];
  const all = prefixes
    .filter((prefix) => prefix !== '')
    .map((prefix): [string, string] => [prefix, prefix + path]);
  return match.base.path === '' ? all : [[match.base.path, pathInUrl], ...all];
}

function wholeUrls({ path, pathInUrl, match }: SignedParts): string[] {
  const host = match.base.authority ?? 'imagedelivery.net';
  const urls = ['https://', 'http://', '//', ''].map((scheme) => `${scheme}${host}${pathInUrl}`);
  return pathInUrl === path ? urls : [...urls, `https://imagedelivery.net${path}`];
}

function* otherQueries({ path, unsigned, expiry }: SignedParts): Generator<Candidate> {
  if (unsigned.length > 0) {
    const says = `the path alone, \`${pathWords}\``;
    yield { text: path, code: 'signed-without-query', says, isCommon: true };
    yield { text: `${path}?`, code: 'signed-without-query', says: `${says}, with a \`?\`` };
  }
  if (expiry === undefined) return;
  for (const pattern of joinedExpiries) {
    const text = pattern.replace('<path>', () => path).replace('<expiry>', () => expiry);
    yield { text, code: 'signed-other-separator', says: patternInWords(pattern) };
  }
  for (const [other, unit] of otherUnits(expiry)) {
    const parameters = unsigned.map((each) =>
      each.name === 'exp' ? { ...each, text: `exp=${other}` } : each,
    );
    const says = `another \`exp\` than the URL has: in ${unit}`;
    yield { text: textOf(path, parameters), code: 'expiry-in-milliseconds', says };
  }
}

/** How programs have joined path and expiry. */
const joinedExpiries: readonly string[] = [
  '<path><expiry>',
  '<path>exp=<expiry>',
  '<path>&exp=<expiry>',
  '<path>/<expiry>',
  '<path>:<expiry>',
  '<path>?<expiry>',
  '<path>-<expiry>',
  '<path>|<expiry>',
  '<path>\n<expiry>',
  '<path>?expires=<expiry>',
  '<path>?expiry=<expiry>',
  '<expiry><path>',
  '<expiry>:<path>',
];

function patternInWords(pattern: string): string {
  return `\`${pattern.replaceAll('\n', '\\n')}\``;
}

function otherUnits(expiry: string): [string, string][] {
  if (!/^[1-9]\d{0,13}$/.test(expiry)) return [];
  return expiry.length > 11 ? [[expiry.slice(0, -3), 'seconds']] : [[`${expiry}000`, 'milliseconds']];
}

/** A URL that had a token was signed again, and the old token was a part of what was signed. */
function* oldSignatures({ path, unsigned, token, configuration }: SignedParts): Generator<Candidate> {
  const says = 'a query with an older `sig` in it';
  if (token.signatures.length > 1) {
    const last = token.signatures.at(-1);
    const signed = token.parameters.filter((each) => each !== last);
    yield { text: textOf(path, signed), code: 'signed-old-signature', says };
  }
  if (unsigned.length === 0) return;
  // Within one step, the old token has the same expiry. The right signature is a part of this text: never show it.
  const right = textOf(path, unsigned);
  yield { text: `${right}&sig=${configuration.keys.sign(right)}`, code: 'signed-old-signature', says };
}

/** Id, variant and expiry without the rest, in the orders and with the separators that have been seen. */
export function* joinedParts({ account, id, match, expiry }: SignedParts): Generator<Candidate> {
  if (expiry === undefined) return;
  const [a, i, v, e] = [
    ['<account hash>', account],
    ['<image id>', id],
    ['<variant>', match.variant],
    ['<expiry>', expiry],
  ] as const;
  const orders = [
    [i, v, e],
    [a, i, v, e],
    [e, i, v],
    [i, e, v],
    [v, i, e],
    [i, e],
  ];
  for (const order of orders) {
    for (const separator of ['', ':', '/', '|', '-', '.', ',', '_', '\n']) {
      const text = order.map(([, value]) => value).join(separator);
      const pattern = order.map(([name]) => name).join(separator);
      yield { text, code: 'signed-joined-parts', says: patternInWords(pattern) };
    }
  }
}

/** The signature may be that of another variant of the same image. */
export function* otherVariants({ path, match, unsigned, configuration }: SignedParts): Generator<Candidate> {
  const start = path.lastIndexOf('/') + 1;
  for (const name of configuration.variants.keys()) {
    if (name === match.variant) continue;
    const text = textOf(path.slice(0, start) + (encodeSegment(name) ?? ''), unsigned);
    yield { text, code: 'variant-changed', says: 'the URL of another variant of this image' };
  }
}

/** What wrangler's simulator signs, with a key that everybody knows. */
export function simulatorText({ idAndVariant, unsigned }: SignedParts): string {
  return textOf(`${simulatorPath}/${idAndVariant}`, unsigned);
}
