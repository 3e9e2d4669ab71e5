/**
 * What else a signed text could say. Whoever has a token tries to move the boundaries between path, expiry and parameters,
 * decodes or encodes what separates them, and takes digits for an expiry. It knows no scheme.
 */
import type { UrlPlace } from '../../schemes/written-url.ts';
import { otherCase } from './variations.ts';

export interface Reading {
  /** Without a token. */
  readonly url: string;
  /** In Unix seconds. */
  readonly exp: number;
}

/** Of the digits of a URL only those are tried that could be a time from 2001 on. */
const [fewestDigits, mostDigits] = [10, 12];

/** @param url - without a token, as it was signed until `exp` */
export function otherReadings(url: string, { path, query }: UrlPlace, exp: number): readonly Reading[] {
  const base = url.slice(0, path + 1);
  const rest = url.slice(path + 1);
  const at = query - path - 1;
  const [id, parameters] = [rest.slice(0, at), rest.slice(at + 1)];
  const others: readonly Reading[] = [
    ...[...respelled(rest), ...withMovedSeparators(rest), ...withOtherParameters(id, parameters)].map(
      (text) => ({ url: text, exp }),
    ),
    ...[parameters, sorted(parameters)].flatMap((text) => expiriesWithin(id, exp, text)),
    ...expiriesAtEnd(rest, exp),
    ...expiriesAtStart(id, rest.slice(at), exp),
    ...otherExpiries(exp).map((other) => ({ url: rest, exp: other })),
  ];
  return others.map((each) => ({ ...each, url: base + each.url }));
}

/**
 * URLs of the same store that are hard to sign: with digits, escapes and separators next to each other.
 * @param query - offset of the query
 */
export function ambiguousUrls(url: string, query: number): readonly string[] {
  const slash = url.lastIndexOf('/', query - 1);
  const [folder, name] = [url.slice(0, slash + 1), url.slice(slash + 1, query)];
  return [
    `9999999999a-${name}?b=1`,
    `9999999999-${name}?b=1%26c=2`,
    `9999999999=${name}`,
    `9-${name}4`,
    `9-${name}?9=1`,
    `${name}?a%3Db=1&c=2`,
    `${name}?b=9999999999`,
    `a%26b-${name}?b=%2F..%2F9999999999`,
    `a;b-${name}?b=Ab`,
    `a%20b-${name}`,
    `a+b-${name}`,
    `${'long-'.repeat(52)}a=b-${name}`, // some sign the first 64 or 255 characters
  ].map((text) => folder + text);
}

/** Each escape decoded, and each escape and separator doubled or left out; separators escaped; spaces as in forms. */
function respelled(text: string): readonly string[] {
  return Array.from(text.matchAll(/%[2-7][\da-f]|[/?&=;+]/gi), ({ 0: found, index }) => {
    const [before, after] = [text.slice(0, index), text.slice(index + found.length)];
    const code = found.charCodeAt(0);
    const other =
      found.length === 3
        ? String.fromCharCode(Number.parseInt(found.slice(1), 16))
        : `%${code.toString(16).toUpperCase()}`;
    const space = { '%20': '+', '+': '%20' }[found] ?? '';
    return [other, space, found + found, ''].map((each) => before + each + after);
  }).flat();
}

/** Each separator at every other place. */
function withMovedSeparators(text: string): readonly string[] {
  return Array.from(text.matchAll(/[/?&=]/g), ({ 0: separator, index }) => {
    const without = text.slice(0, index) + text.slice(index + 1);
    return Array.from(
      { length: without.length + 1 },
      (_, at) => without.slice(0, at) + separator + without.slice(at),
    );
  }).flat();
}

/** Each parameter left out, with its value in the other case, or beside one of the same name; and one more. */
function withOtherParameters(id: string, query: string): readonly string[] {
  const list = query === '' ? [] : query.split('&');
  return [
    ...list.flatMap((each, index) => {
      const [name = '', value = ''] = each.split(/=(.*)/s);
      return [
        list.toSpliced(index, 1),
        list.with(index, `${name}=${otherCase(value)}`),
        [`${name}=other`, ...list],
        [...list, `${name}=other`],
      ];
    }),
    [...list, 'extra=1'],
    ['extra=1', ...list],
  ].map((parameters) => id + (parameters.length > 0 ? `?${parameters.join('&')}` : ''));
}

/** Digits in path, expiry or parameters as an expiry, if the three are signed one after the other. */
function expiriesWithin(id: string, exp: number, parameters: string): readonly Reading[] {
  const text = `${id}${exp}${parameters}`;
  return Array.from(text.matchAll(/\d{10,}/g), ({ 0: run, index }) => {
    const readings: Reading[] = [];
    for (let start = 0; start + fewestDigits <= run.length; start++)
      for (let end = start + fewestDigits; end <= Math.min(run.length, start + mostDigits); end++) {
        const before = text.slice(0, index + start);
        for (const query of queriesOf(text.slice(index + end)))
          readings.push({ url: before + query, exp: Number(run.slice(start, end)) });
      }
    return readings;
  }).flat();
}

/** A text as two queries: one in which it is a single parameter, and one in which each `&` separates two. */
function queriesOf(text: string): readonly string[] {
  if (text === '') return [''];
  const write = (parameter: string): string => {
    const equals = parameter.indexOf('=');
    return equals < 0
      ? encodeURIComponent(parameter)
      : `${encodeURIComponent(parameter.slice(0, equals))}=${encodeURIComponent(parameter.slice(equals + 1))}`;
  };
  return [`?${write(text)}`, `?${text.split('&').map(write).join('&')}`];
}

/** The decoded parameters, as many stores sign them. */
function sorted(query: string): string {
  const pairs = [...new URLSearchParams(query)].sort(([a], [b]) => (a < b ? -1 : 1));
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

/** Digits of the URL's end as the first ones of the expiry, and the other way round. */
function expiriesAtEnd(text: string, exp: number): readonly Reading[] {
  const digits = String(exp);
  const [run] = /\d{0,11}$/.exec(text)!;
  return [
    ...Array.from(run, (_, index) => ({
      url: text.slice(0, text.length - run.length + index),
      exp: Number(run.slice(index) + digits),
    })),
    ...Array.from(digits.slice(1), (_, index) => ({
      url: text + digits.slice(0, index + 1),
      exp: Number(digits.slice(index + 1)),
    })),
  ];
}

/** Digits at the start of a segment as the last ones of the expiry, and the other way round. */
function expiriesAtStart(id: string, query: string, exp: number): readonly Reading[] {
  const digits = String(exp);
  return Array.from(id.matchAll(/(?<=^|\/)\d{0,3}/g), ({ 0: run, index }) => {
    const [before, after] = [id.slice(0, index), id.slice(index) + query];
    return [
      ...Array.from(run, (_, at) => ({
        url: before + after.slice(at + 1),
        exp: Number(digits + run.slice(0, at + 1)),
      })),
      ...Array.from(digits.slice(1), (_, at) => ({
        url: before + digits.slice(at + 1) + after,
        exp: Number(digits.slice(0, at + 1)),
      })),
    ];
  }).flat();
}

/** Later ones that agree with the right one in some digits, or bits. */
function otherExpiries(exp: number): readonly number[] {
  return [...Array.from({ length: 10 }, (_, at) => 10 ** at), 2 ** 8, 2 ** 16, 2 ** 31, 2 ** 32].map(
    (more) => exp + more,
  );
}
