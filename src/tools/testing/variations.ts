/**
 * Texts to try a scheme with: URLs changed as a forger, a proxy or a template changes them, and texts that trip code which
 * reads URLs. It knows no scheme.
 */

type Random = (end: number) => number;

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~+/=%&';

/** The URL with a query appended, which is encoded already. */
export function withQuery(url: string, query: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}${query}`;
}

/** At one position: a letter in the other case, other characters, one character more, one less. */
export function changeAt(url: string, at: number, random: Random): readonly string[] {
  const [before, character, after] = [url.slice(0, at), url.charAt(at), url.slice(at + 1)];
  const other = alphabet.charAt(random(alphabet.length));
  const inserted = alphabet.charAt(random(alphabet.length));
  return [
    before + otherCase(character) + after,
    before + String.fromCharCode(character.charCodeAt(0) ^ 1) + after,
    before + other + after,
    before + after,
    `${before}0${character}${after}`, // numbers that `Number` reads as the same
    before + inserted + character + after,
  ].filter((changed) => changed !== url);
}

/**
 * Every other character as the last of each parameter and of the URL: the last digit of base64 has bits that decoders
 * ignore.
 */
export function changeLastDigits(url: string): readonly string[] {
  const ends = Array.from(url, (_, at) => at).filter((at) => at + 1 === url.length || url[at + 1] === '&');
  return ends.flatMap((at) =>
    Array.from(alphabet, (character) => url.slice(0, at) + character + url.slice(at + 1)).filter(
      (changed) => changed !== url,
    ),
  );
}

/** Parameters doubled, added, left out and in another order. */
export function changeParameters(url: string): readonly string[] {
  const question = url.indexOf('?');
  if (question < 0) return [`${url}?`, `${url}?x=1`];
  const path = url.slice(0, question + 1);
  const list = url.slice(question + 1).split('&');
  const changed = list.flatMap((each, at) => [
    [...list, each],
    [each, ...list],
    list.toSpliced(at, 1),
    list.toSpliced(at, 0, ''),
    list.toSpliced(at, 0, 'x=1'),
    [...list.toSpliced(at, 1), each],
    list.toSpliced(at, 1, `${each.replace(/=.*/s, '')}=`, each),
  ]);
  changed.push(list.toReversed(), [...list, ''], [...list, 'x=1']);
  return changed.map((parameters) => path + parameters.join('&')).filter((each) => each !== url);
}

/** One character of the path percent-encoded, or an escape with digits in lower case: other texts for the same path. */
export function respellPath(url: string, path: number, query: number): readonly string[] {
  const spellings: string[] = [];
  for (let at = path + 1; at < query; at++) {
    const code = url.charCodeAt(at);
    const triplet = /^%[\dA-F]{2}/.exec(url.slice(at, at + 3))?.[0];
    const isPartOfEscape = url[at - 1] === '%' || (url[at - 2] === '%' && at - 2 > path);
    if (triplet !== undefined) spellings.push(url.slice(0, at) + triplet.toLowerCase() + url.slice(at + 3));
    else if (code < 0x80 && url[at] !== '/' && !isPartOfEscape)
      spellings.push(
        `${url.slice(0, at)}%${code.toString(16).toUpperCase().padStart(2, '0')}${url.slice(at + 1)}`,
      );
  }
  return spellings.filter((each) => each !== url);
}

/** The same URL as pages spell it: with another protocol or none, and with the host in capitals. */
export function respellOrigin(url: string): readonly string[] {
  const [, authority, rest] = /^https?:(\/\/[^/?]*)(.*)$/is.exec(url) ?? [];
  if (authority === undefined || rest === undefined) return [];
  return ['', 'http:', 'https:', 'HTTPS:'].flatMap((protocol) => [
    protocol + authority + rest,
    protocol + authority.toUpperCase() + rest,
  ]);
}

/** With other segments in front of the last one. @param end - of the path */
export function insertSegments(url: string, segments: string, end: number): string {
  const slash = url.lastIndexOf('/', end - 1);
  return `${url.slice(0, slash + 1)}${segments}${url.slice(slash)}`;
}

/** With another last segment. @param end - of the path */
export function replaceLastSegment(url: string, segment: string, end: number): string {
  return url.slice(0, url.lastIndexOf('/', end - 1) + 1) + segment + url.slice(end);
}

export function otherCase(text: string): string {
  const lower = text.toLowerCase();
  return text === lower ? text.toUpperCase() : lower;
}

/** Names that every object has. A lookup in a plain object finds them. */
export const prototypeNames: readonly string[] = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
];

/** Endings of a path, in ASCII, as a browser sends them: invalid escapes, and bytes that are not UTF-8. */
export const hostilePaths: readonly string[] = [
  '%',
  '%2',
  '%zz.jpg',
  '%00.jpg',
  '%ff%fe.jpg',
  '%ed%a0%80.jpg',
  '%c0%af.jpg',
  'a%2fb.jpg',
  'a%2520b.jpg',
  "(a)'*!.jpg",
  'a,b;c=d@e:f.jpg',
  '[a]|^`{}.jpg',
  '$&$1$$.jpg', // what `replace` reads in its second argument
  'https://other.example/a.jpg',
  ...prototypeNames,
];

/** Queries, as a browser sends them: invalid escapes, bytes that are not UTF-8, stray separators. */
export const hostileQueries: readonly string[] = [
  '?',
  '?&&',
  '?=',
  '?%',
  '?%zz=%zz',
  '?a?b?c',
  '?v=%ff',
  '?v=$&$1',
  '?u=https://other.example/?a=b&c',
  ...prototypeNames.map((name) => `?${name}=1`),
];

/** Anything that somebody may send in place of a URL. */
export const hostileTexts: readonly string[] = [
  '',
  ' ',
  '/',
  '//',
  '?',
  '&',
  '%',
  '\0',
  '\u{d800}',
  '\u{dfff}a',
  '\u{1f600}',
  'é',
  'https://',
  'https://[::1',
  'data:,',
  'javascript:alert(1)',
  '\\\\host\\a',
  'a'.repeat(100_000),
  '%'.repeat(10_000),
  '&'.repeat(10_000),
  '/'.repeat(10_000),
  ...prototypeNames,
];
