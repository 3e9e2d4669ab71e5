/**
 * Names of objects as people and programs give them, with every printable character, and what a name may not be. It is
 * written independently of `src`: what servers make of a path is stated here in another way.
 */
import { pick } from './random.ts';

type Random = () => number;

const printable: readonly string[] = Array.from({ length: 95 }, (_, index) =>
  String.fromCharCode(0x20 + index),
);
const beyond: readonly string[] = [
  ...'éßñ日本語🙂☃ﬁΩжשאخ\u0301\u00a0\u200b\u2028\u3000\ufeff\ufffd\uff0f\uff0e\u{10ffff}',
];
const words: readonly string[] = [
  ...['photo', 'IMG_', 'Screenshot 2026-01-02 at 10.11.12', 'a', 'x', '1', '100', 'uploads', 'private'],
  ...[
    '%',
    '%%',
    '%41',
    '%20',
    '%2B',
    '%2525',
    '%zz',
    '%2',
    '%E9',
    '%C3%A9',
    '%2e',
    '%2E',
    '%2f',
    '%5c',
    '%u002e',
    '%u002F',
  ],
  ...[
    '#',
    ' #',
    '?',
    '?v=1',
    '&',
    '&amp;',
    '=',
    '+',
    ';',
    ':',
    '@',
    '|',
    '^',
    '*',
    '~',
    '`',
    "'",
    '"',
    '(1)',
    '[2]',
  ],
  ...['<b>', '{x}', '$&', '..', '.', '...', '-', '_', ',', '!', '\\', '__proto__', 'http:', 'C:'],
];

/** Of one to four segments, of which some are empty. */
export function randomName(random: Random): string {
  const segments = Array.from({ length: 1 + Math.floor(random() * 4) }, () =>
    random() < 0.08 ? '' : randomSegment(random),
  );
  return segments.join('/') + (random() < 0.6 ? '.jpg' : '');
}

function randomSegment(random: Random): string {
  const count = 1 + Math.floor(random() * 6);
  const kinds = [words, words, printable, beyond];
  return Array.from({ length: count }, () => pick(random, pick(random, kinds))).join('');
}

/** A name for each printable character, and the names that no scheme signed before. */
export const namesOfEachCharacter: readonly string[] = [
  ...printable.filter((character) => !'/\\'.includes(character)).map((character) => `a${character}b.jpg`),
  ...['photo #1.jpg', 'what?.jpg', '100%25.jpg', 'a^b.jpg', 'a//b.jpg', '100%.jpg', '%41.jpg', 'a///b.jpg'],
  ...[
    'é.jpg',
    'e\u0301.jpg',
    '日本/語.jpg',
    '🙂.jpg',
    '\ufffd.jpg',
    ' a.jpg',
    'C:a.jpg',
    '#.jpg',
    '?',
    '#',
    '%',
  ],
];

/**
 * Whether a URL may carry the name: whoever decodes its path once or twice, and resolves it after that, finds an object
 * in the same folder.
 */
export function mayHaveUrl(name: string): boolean {
  if (name === '' || name.endsWith('/') || /\p{Cc}/u.test(name)) return false;
  const again = decodeOnce(name);
  const depth = name.split('/').length;
  return [name, again].every((text) => {
    const segments = text.split('/');
    if (text.includes('\\') || segments.length !== depth) return false;
    return !segments.some((segment) => /^\.{1,2}$/.test(beforeParameters(segment)));
  });
}

/** As a lenient server: what is no escape stays. IIS also knows escapes with a `u`. */
function decodeOnce(text: string): string {
  return text.replaceAll(/%(?:u00)?([\da-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

/** Servlet containers drop what follows a `;`; to a parser of URLs a path ends before `?` and `#`. */
function beforeParameters(segment: string): string {
  return segment.split(/[;?#]/, 1)[0]!;
}

/** All characters but the unreserved ones of RFC 3986, `!`, `'`, `(`, `)` and `*`. */
export function encodeName(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/');
}

/** As browsers send what `URL` has written: Chromium encodes `^` and `|` in every edition. */
export function asBrowsersSend(name: string): string {
  const encoded = name.replaceAll('%', '%25').replaceAll('?', '%3F').replaceAll('#', '%23');
  return new URL(`http://host/${encoded}?`).pathname.slice(1).replaceAll('^', '%5E').replaceAll('|', '%7C');
}
