/**
 * Removes what text around a URL adds to it: quotes, punctuation, character references, a second percent-encoding. It
 * knows neither images nor keys. Each step takes time in proportion to the text.
 */
import { isHexDigit, PERCENT } from '../../text/ascii.ts';
import { percentDecode } from '../../url/percent-encoding.ts';
import { isTokenParameter } from '../../url/token-parameters.ts';
import type { Finding } from './explanation.ts';
import { finding } from './findings.ts';

export interface RepairedText {
  readonly text: string;
  readonly findings: readonly Finding[];
}

const opening: ReadonlySet<string> = /* @__PURE__ */ new Set('"\'`<([{«“‘');
const closing: ReadonlySet<string> = /* @__PURE__ */ new Set('"\'`>)]},.;:!?*»”’…');
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

/** `%252C` becomes `%2C`: one of two percent-encodings is removed. */
export function withoutSecondEncoding(path: string): string {
  return path.replaceAll(/%25(..)/g, (found, digits: string) =>
    isHexDigit(digits.charCodeAt(0)) && isHexDigit(digits.charCodeAt(1))
      ? String.fromCharCode(PERCENT) + digits
      : found,
  );
}
