/** Removes what the surrounding text has added to a URL, and names it. It knows no tokens and no keys, and takes linear time. */
import { percentDecode } from '../../url/percent-encoding.ts';
import { isTokenParameter } from '../../url/token-parameters.ts';
import { type FailureCode, type Finding, finding } from './explanation.ts';

/** Whether a text names an image as it is: then nothing at its end is stray. */
type IsNamed = (text: string) => boolean;

/** Every repair, and its message. A match of a pattern after the first `?` becomes a `&`. */
const repairs: readonly (readonly [FailureCode, RegExp | typeof withoutStray, string])[] = [
  ['stray-characters', withoutStray, 'Characters that are not part of the URL surround it.'],
  ['double-encoded', decodeWhole, 'The URL is percent-encoded as a whole, like a parameter of another URL.'],
  ['html-escaped', /&(?:amp;|#38;|#x26;)+/gi, 'The URL is escaped for HTML, with `&amp;` for `&`.'],
  [
    'second-question-mark',
    /\?(?=(?:exp|sig)=)/g,
    'The second `?`, before the token, belongs to a parameter.',
  ],
];

export function repairPastedText(given: string, isNamed: IsNamed): { text: string; findings: Finding[] } {
  const findings: Finding[] = [];
  let text = given;
  for (const [code, repair, message] of repairs) {
    const repaired = typeof repair === 'function' ? repair(text, isNamed) : inQuery(text, repair);
    if (repaired !== text) findings.push(finding(code, message));
    text = repaired;
  }
  return { text, findings };
}

function inQuery(text: string, pattern: RegExp): string {
  const start = text.indexOf('?') + 1;
  return start === 0 ? text : text.slice(0, start) + text.slice(start).replace(pattern, '&');
}

const closing = '"\'`>)]},.;:!?*»”’…';
const closingReferences = ['&gt;', '&quot;', '&#39;', '&apos;', '&lt;', '&#34;'];

function withoutStray(text: string, isNamed: IsNamed): string {
  const trimmed = text.replace(/^["'`<([{«“‘\s]+/, '').trimEnd();
  const shorter = withoutStrayEnd(trimmed);
  return shorter !== trimmed && isEndStray(trimmed, shorter, isNamed) ? shorter : trimmed;
}

/** A parameter may end with any character: one is stray only after a token, or after a path that names no image. */
function isEndStray(text: string, shorter: string, isNamed: IsNamed): boolean {
  if (!shorter.includes('?')) return !isNamed(text);
  const start = Math.max(shorter.lastIndexOf('?'), shorter.lastIndexOf('&')) + 1;
  const last = shorter.slice(start).replace(/^(?:amp;|#38;|#x26;)+/i, '');
  return isTokenParameter(last) && !last.includes('#');
}

function withoutStrayEnd(text: string): string {
  let end = text.length;
  for (;;) {
    const reference = closingReferences.find((each) => text.endsWith(each, end));
    const last = text.charAt(end - 1);
    if (reference !== undefined) end -= reference.length;
    else if (last !== '' && (closing.includes(last) || last.trim() === '')) end--;
    else return text.slice(0, end);
  }
}

/** The whole URL is a parameter (`https%3A%2F%2F…`), or its query is part of its path or of one parameter. */
function decodeWhole(text: string): string {
  if (/^(?:https?)?(?:%3a)?%2f/i.test(text) || /^https?%3a/i.test(text)) return percentDecode(text);
  const question = text.indexOf('?');
  const start = question < 0 ? text.toLowerCase().indexOf('%3f') : question + 1;
  const rest = text.slice(start);
  const isEncoded = start >= 0 && !/[=&]/.test(rest) && /(?:exp|sig)%3d/i.test(rest);
  return isEncoded ? text.slice(0, start) + percentDecode(rest) : text;
}
