/** Random paths and queries, percent-encoded as a browser sends them. */
import { encodeSegment } from '../../src/url/canonical.ts';

type Random = () => number;

export function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)]!;
}

export function randomText(random: Random, alphabet: string, most: number): string {
  const characters = [...alphabet];
  return Array.from({ length: 1 + Math.floor(random() * most) }, () => pick(random, characters)).join('');
}

export const unreserved = 'abcXYZ019-_.~ éß☃😀"<>';
export const everything: string = `${unreserved}!$&'()*+,;=:@|{}\`[]`;

/** One to three segments, of which the last has an extension. */
export function randomPath(random: Random, alphabet: string): string {
  const segments = Array.from({ length: 1 + Math.floor(random() * 3) }, () =>
    randomText(random, alphabet, 12).replace(/^\.+/, 'x'),
  );
  return `${segments.map((segment) => encodeSegment(segment)!).join('/')}.jpg`;
}

/** Parameters of different names, sorted or not. An apostrophe is left out: `URL` encodes it, `encodeURIComponent` does not. */
export function randomQuery(random: Random, alphabet: string): string {
  const names = ['ar', 'auto', 'fit', 'h', 'v', 'w'].filter(() => random() < 0.4);
  if (random() < 0.5) names.reverse();
  return names
    .map((name) => `${name}=${encodeURIComponent(randomText(random, alphabet.replace("'", ''), 8))}`)
    .join('&');
}
