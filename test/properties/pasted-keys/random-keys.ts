/** Keys of the shapes in which people make them, or password managers do; none holds a word that the package knows. */
import fc from 'fast-check';
import { pick, randoms } from '../../support/generators/random.ts';

const lower = 'abcdefghijklmnopqrstuvwxyz';
const digits = '0123456789';
const base64url = `${lower.toUpperCase()}${lower}${digits}-_`;

type Random = () => number;
type Shape = (random: Random, length: number) => string;

function textOf(random: Random, length: number, from: string): string {
  return Array.from({ length }, () => pick(random, [...from])).join('');
}

/** Words that can be spoken, which is what makes a password look like a name. */
function spoken(random: Random, length: number, separator: string): string {
  let text = '';
  while (text.length < length) {
    const syllables = 2 + Math.floor(random() * 3);
    let word = '';
    for (let i = 0; i < syllables; i++)
      word += textOf(random, 1, 'bdfgjklmnprtvz') + textOf(random, 1, 'aeiou');
    text += text === '' ? word : separator + word;
  }
  return text.slice(0, length).replace(/[^a-z]$/, 'k');
}

function capitalized(text: string): string {
  return text.replaceAll(/(?:^|-)([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}

const shapes: Readonly<Record<string, Shape>> = {
  hex: (random, length) => textOf(random, length, `${digits}abcdef`),
  'upper-case hex': (random, length) => textOf(random, length, `${digits}ABCDEF`),
  base64: (random, length) => `${textOf(random, length - 2, `${base64url.slice(0, -2)}+/`)}==`,
  base64url: (random, length) => textOf(random, length, base64url),
  'letters of one case': (random, length) => textOf(random, length, lower),
  'capital letters': (random, length) => textOf(random, length, lower.toUpperCase()),
  'letters of both cases': (random, length) => textOf(random, length, lower + lower.toUpperCase()),
  'letters in groups': (random, length) => textOf(random, length, lower).replaceAll(/(.{4})./g, '$1-'),
  'a few digits at the end': (random, length) =>
    textOf(random, length - 3, lower) + textOf(random, 3, digits),
  words: (random, length) => spoken(random, length, '-'),
  'words with spaces': (random, length) => spoken(random, length, ' '),
  'words in camel case': (random, length) => capitalized(spoken(random, 2 * length, '-')).slice(0, length),
  'one long word': (random, length) => spoken(random, length, ''),
  'a capitalized word': (random, length) => capitalized(spoken(random, length, '')),
  UUID: (random) => [8, 4, 4, 4, 12].map((length) => textOf(random, length, `${digits}abcdef`)).join('-'),
};

/** Keys of 16 to 64 characters. */
export const pastedKeys: fc.Arbitrary<string> = fc
  .tuple(randoms, fc.constantFrom(...Object.values(shapes)))
  .map(([random, shape]) => {
    const length = 16 + Math.floor(random() * (random() < 0.5 ? 9 : 49));
    // A key has no white space at its ends, which would be a mistake of its own.
    return shape(random, length).replace(/^\W/, 'k').replace(/[ -]$/, 'k');
  });
