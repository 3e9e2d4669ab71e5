/** Random keys of objects and queries, for schemes to sign. */
import { pick } from './random.ts';

const characters = [...'abcXYZ0189-._~ !$&\'()*+,;=:@[]|"<>`{}éßñ日本語🙂'];

/** A key of one to three segments, of any characters that a URL of an image may have. */
export function randomKey(random: () => number): string {
  const segment = (): string =>
    Array.from({ length: 1 + Math.floor(random() * 12) }, () => pick(random, characters)).join('');
  const segments = Array.from({ length: 1 + Math.floor(random() * 3) }, segment);
  // `URL` would resolve dot segments, and cut spaces from the end.
  return segments
    .map((text) => (/^\.{1,2}$/.test(text) ? 'dots' : text))
    .join('/')
    .replace(/ +$/, '_');
}

export function randomText(random: () => number, length: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  return Array.from({ length }, () => pick(random, [...alphabet])).join('');
}
