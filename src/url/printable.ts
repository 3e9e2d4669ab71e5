/**
 * URLs as events and messages carry them: without a token, without what may be a key, and without anything that could
 * forge a line of a log. The ids in a URL stay, however random they look: they are what an operator looks for.
 */
import { invisible, isShowableName, keyLength } from './showable.ts';
import { isTokenParameter } from './token.ts';

const defaultLength = 1024;

/**
 * Forty hex digits or more, which may be a MAC: each as itself or percent-encoded, with nothing between them but what
 * `URL`, or a reader, would drop.
 */
const mac = /(?:[0-9a-f\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]|%(?:25)*(?:3\d|[46][1-6])){40,}/giu;

/**
 * The text without `exp` and `sig`, however spelled; what looks like a MAC is not shown, unless it can only be the
 * image's id: a hash of its content. Nor is a variant, a parameter or a fragment that is as long as a key, unless its
 * words are known ones. What is invisible is escaped.
 * @param maxLength - what is longer is cut there
 */
export function printableUrl(text: string, maxLength: number = defaultLength): string {
  // More than is shown: the cut is not to leave half of a token that would not be known for one.
  const shown = withoutKeys(withoutMacs(withoutTokenParameters(text.slice(0, 2 * maxLength))));
  let out = '';
  for (const character of shown.slice(0, maxLength)) {
    out += invisible.test(character) ? `\\u{${character.codePointAt(0)!.toString(16)}}` : character;
  }
  const isCut = shown.length > maxLength || text.length > 2 * maxLength;
  return isCut && !out.endsWith('…') ? `${out}…` : out;
}

function withoutTokenParameters(text: string): string {
  const [head = '', ...rest] = text.split('?');
  const query = rest
    .join('?')
    .split('&')
    .filter((parameter) => !isTokenParameter(parameter))
    .join('&');
  return query === '' ? head : `${head}?${query}`;
}

function withoutMacs(text: string): string {
  // A token stands behind a `?`, `#`, `;`, `&` or `=`, maybe with an escape or two, and nothing like it stands here.
  const plain = /^[\w.~:/@-]*/.exec(text)![0].length;
  return text.replace(mac, (run, at: number) => {
    if (at + run.length > plain || !/^[0-9a-f]+$/i.test(run)) return '…';
    return isWithinPath(text.slice(0, at), text.slice(at + run.length)) ? run : '…';
  });
}

/** A key may have been pasted where the variant or a parameter stands; what comes before is the account and the id. */
function withoutKeys(text: string): string {
  const [path = ''] = /^[^?#]*/.exec(text)!;
  const behind = text.slice(path.length).replace(/[^?#&=]+(?:=+(?=[&#]|$))?/g, maskedIfLong);
  // A text with neither is an image id as a whole.
  const isUrl = path.includes('://') || path.startsWith('/');
  if (!isUrl) return path + behind;
  // One segment alone is no variant.
  return path.replace(/(?<=[^/]\/+)[^/]+(?=\/*$)/, (last) => last.replace(/[^;]+/g, maskedIfLong)) + behind;
}

function maskedIfLong(text: string): string {
  return text.length < keyLength || isShowableName(text) ? text : '…';
}

/** Whether it is a segment of its own, and not the last one, which is a variant, or a token that was written as a path. */
function isWithinPath(before: string, after: string): boolean {
  return /(?:^|\/)$/.test(before) && !/\bsig(?:nature)?\/$/i.test(before) && /^(?:\.\w{1,5})?\//.test(after);
}
