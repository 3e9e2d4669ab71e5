/**
 * Names what is wrong with the spelling of a URL, and corrects it where it is clear what was meant: what text around it has
 * added, and how its path is written. It knows neither tokens nor keys. Each step takes time in proportion to the text.
 */
import { isHexDigit, PERCENT } from '../../text/ascii.ts';
import { encodeSegment, isAbsolute, isDotSegment } from '../../url/canonical.ts';
import { percentDecode } from '../../url/percent-encoding.ts';
import { isTokenParameter } from '../../url/token-parameters.ts';
import type { Finding } from './explanation.ts';
import { finding, shown } from './findings.ts';

export interface RepairedText {
  readonly text: string;
  readonly findings: readonly Finding[];
}

const opening: ReadonlySet<string> = new Set('"\'`<([{«“‘');
const closing: ReadonlySet<string> = new Set('"\'`>)]},.;:!?*»”’…');
const closingReferences = ['&gt;', '&quot;', '&#39;', '&apos;', '&lt;', '&#34;'];

/** @param isNamed - whether the text names an image by itself: then nothing at its end is stray */
export function repairPastedText(given: string, isNamed: (text: string) => boolean): RepairedText {
  const findings: Finding[] = [];
  let text = given;
  const step = (repaired: string, found: () => Finding): void => {
    if (repaired !== text) findings.push(found());
    text = repaired;
  };
  step(withoutStray(text, isNamed), () =>
    finding('stray-characters', 'There are characters before or after the URL that are not part of it.'),
  );
  step(decodeWhole(text), () =>
    finding(
      'double-encoded',
      'The URL is percent-encoded as a whole, as if it were a parameter of another URL.',
    ),
  );
  step(withoutCharacterReferences(text), () =>
    finding('html-escaped', 'The URL is written as in HTML, with `&amp;` in the place of `&`.'),
  );
  step(withOneQuestionMark(text), () =>
    finding('second-question-mark', 'There is a second `?` before the token: it belongs to a parameter.'),
  );
  return { text, findings };
}

function withoutStray(text: string, isNamed: (text: string) => boolean): string {
  let start = 0;
  while (start < text.length && (opening.has(text[start]!) || isWhiteSpace(text[start]!))) start++;
  let end = text.length;
  while (end > start && isWhiteSpace(text[end - 1]!)) end--;
  const trimmed = text.slice(start, end);
  const shorter = withoutStrayEnd(trimmed);
  return shorter !== trimmed && isEndStray(trimmed, shorter, isNamed) ? shorter : trimmed;
}

/** A parameter may end with any character: only after a token, or after a path that names no image, it is stray. */
function isEndStray(text: string, shorter: string, isNamed: (text: string) => boolean): boolean {
  if (!shorter.includes('?')) return !isNamed(text);
  const start = Math.max(shorter.lastIndexOf('?'), shorter.lastIndexOf('&')) + 1;
  const last = shorter.slice(start).replace(/^(?:amp;|#38;|#x26;)+/i, '');
  return isTokenParameter(last) && !last.includes('#');
}

function withoutStrayEnd(text: string): string {
  let end = text.length;
  for (;;) {
    const reference = closingReferences.find((each) => text.endsWith(each, end));
    if (reference !== undefined) end -= reference.length;
    else if (end > 0 && (closing.has(text[end - 1]!) || isWhiteSpace(text[end - 1]!))) end--;
    else return text.slice(0, end);
  }
}

function isWhiteSpace(character: string): boolean {
  return character.trim() === '';
}

/** The whole URL is a parameter (`https%3A%2F%2F…`), or its query is a part of its path or of one parameter. */
function decodeWhole(text: string): string {
  if (/^(?:https?)?(?:%3a)?%2f/i.test(text) || /^https?%3a/i.test(text)) return percentDecode(text);
  const question = text.indexOf('?');
  const start = question < 0 ? text.toLowerCase().indexOf('%3f') : question + 1;
  if (start < 0) return text;
  const rest = text.slice(start);
  return !/[=&]/.test(rest) && /(?:exp|sig)%3d/i.test(rest)
    ? text.slice(0, start) + percentDecode(rest)
    : text;
}

/** `&amp;`, written any number of times: `&amp;amp;`. Other references do not occur in a URL with a token. */
function withoutCharacterReferences(text: string): string {
  const question = text.indexOf('?');
  if (question < 0) return text;
  return text.slice(0, question) + text.slice(question).replace(/&(?:amp;|#38;|#x26;)+/gi, '&');
}

function withOneQuestionMark(text: string): string {
  const question = text.indexOf('?');
  if (question < 0) return text;
  return text.slice(0, question + 1) + text.slice(question + 1).replace(/\?(?=(?:exp|sig)=)/g, '&');
}

export interface PathMistake {
  readonly finding: Finding;
  /** The path that was meant; undefined if that is not clear. */
  readonly path: string | undefined;
}

/**
 * @param path - after the base; `matchDelivery` refuses it
 * @param hasAccount - whether it begins with the account hash
 */
export function pathMistake(path: string, hasAccount: boolean): PathMistake {
  const missing = hasAccount ? 3 : 2;
  const trimmed = withoutSlashesAtEnd(path);
  const segments = trimmed.slice(1).split('/');
  if (trimmed === '' || segments.length < missing) {
    const shape = hasAccount ? '/<account hash>/<image id>/<variant>' : '/<image id>/<variant>';
    const count = trimmed === '' ? 'none' : segments.length;
    const message = `An image's URL ends in ${shape}. This path has ${count} of these parts.`;
    return { finding: finding('variant-missing', message), path: undefined };
  }
  if (trimmed !== path) {
    return {
      finding: finding('trailing-slash', 'The path ends with a slash, after the variant.'),
      path: trimmed,
    };
  }
  if (segments.some((segment) => segment === '' || isDotSegment(segment))) {
    return refused(
      'The path has an empty segment, or one that is `.` or `..`: a browser asks for another path.',
    );
  }
  const once = withoutSecondEncoding(path);
  if (once !== path) {
    return {
      finding: finding(
        'double-encoded',
        'The path is percent-encoded twice: it has `%25` before two digits.',
      ),
      path: once,
    };
  }
  return encodedPath(segments, hasAccount);
}

/** A path that spells some character in another way than Cloudflare signs it, such as `a%2Cb`. */
function encodedPath(segments: readonly string[], hasAccount: boolean): PathMistake {
  const plain = segments.map(percentDecode);
  const encoded = plain.flatMap((segment) => segment.split('/')).map(encodeSegment);
  const id = plain.slice(hasAccount ? 1 : 0, -1).join('/');
  if (
    encoded.includes(undefined) ||
    encoded.join('/') === segments.join('/') ||
    isAbsolute(id) ||
    id.trim() !== id
  ) {
    return refused(
      'The image id holds something that no path can: docs/how-it-works/signed-url.md says what it may hold.',
    );
  }
  const message = 'The path encodes characters that are signed as they are, as `encodeURIComponent` does.';
  const fix = `Pass the plain id ${shown(id)} to \`signImage\`: it encodes what has to be encoded.`;
  return { finding: finding('encoded-path', message, fix), path: `/${encoded.join('/')}` };
}

function refused(message: string): PathMistake {
  return { finding: finding('not-canonical', message), path: undefined };
}

function withoutSlashesAtEnd(path: string): string {
  let end = path.length;
  while (path.charCodeAt(end - 1) === 0x2f) end--;
  return path.slice(0, end);
}

/** `%252C` becomes `%2C`: one of two percent-encodings is removed. */
function withoutSecondEncoding(path: string): string {
  return path.replaceAll(/%25(..)/g, (found, digits: string) =>
    isHexDigit(digits.charCodeAt(0)) && isHexDigit(digits.charCodeAt(1))
      ? String.fromCharCode(PERCENT) + digits
      : found,
  );
}
