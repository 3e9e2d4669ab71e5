/**
 * Finds where delivery URLs may start in any text: at the hosts of bases, with or without `//`, and at the paths of bases without
 * a host, in every spelling that `values/escaped-url.ts` reads. It does not read the URLs.
 */

import { LiteralPrefilter, literalOf } from '../rewriting/literal-prefilter.ts';
import type { BoundScheme } from '../schemes/bound.ts';
import { isAlphanumeric } from '../text/ascii.ts';
import { EscapedUrlReader, slashBefore } from '../values/escaped-url.ts';

export interface UrlStart {
  /**
   * Offset of the beginning of the URL, with its scheme if it has one. Undefined if browsers read the text before it as a part of
   * the URL, as in `https:///host` and `https:host`: then its beginning must not be replaced.
   */
  readonly front: number | undefined;
  /** Offset of the first slash; of the host if there is none before it. */
  readonly at: number;
  /** Offset where reading starts: of the host, or of a path's first slash. */
  readonly from: number;
  /** The text before that: `'//'`, or nothing. */
  readonly prefix: string;
  /** How often the URL is percent-encoded as a whole. */
  readonly percentDepth: number;
  /** The schemes that have such a base, in their order. */
  readonly schemes: readonly BoundScheme[];
  /** Whether a base's path follows a host that no base names: perhaps the site's own. */
  readonly isElsewhere: boolean;
}

/** The beginning of every URL of some bases. */
interface Head {
  /** The host in lower case, without a port, whose colon may be escaped; or the first segment of a path. */
  readonly text: string;
  readonly isHost: boolean;
  /** Offset of the literal that the prefilter finds. */
  readonly literal: number;
  readonly schemes: BoundScheme[];
}

/** How far before a path a URL around it may begin: every path of a long text looks back so far. */
const maxLengthBefore = 2_048;

/** DNS names have 253 characters at most. */
const maxHostLength = 255;

export function createStartFinder(schemes: readonly BoundScheme[]): (text: string) => UrlStart[] {
  const heads = headsOf(schemes);
  const prefilter = new LiteralPrefilter(heads.map(({ text }) => literalOf(undefined, text)));
  return (text) => {
    const starts: UrlStart[] = [];
    // One byte per character, so that offsets stay. A character beyond Latin-1 may look like a letter here, not below.
    const bytes = Buffer.from(text, 'latin1');
    const find = (from: number): number => prefilter.next(bytes, from, bytes.length);
    for (let at = find(0); at < bytes.length; at = find(at + 1)) {
      for (const head of heads) {
        const start = startAt(text, at - head.literal, head);
        if (start !== undefined) starts.push(start);
      }
    }
    return starts.sort((a, b) => a.at - b.at);
  };
}

function headsOf(schemes: readonly BoundScheme[]): readonly Head[] {
  const heads = new Map<string, Head>();
  for (const scheme of schemes) {
    for (const { authority, path } of scheme.namedBases) {
      const isHost = authority !== undefined;
      const text = authority?.replace(/:\d+$/, '') ?? path.split('/', 2)[1] ?? '';
      const key = `${isHost} ${text}`;
      const head = heads.get(key) ?? {
        text,
        isHost,
        literal: text.toLowerCase().indexOf(literalOf(undefined, text)),
        schemes: [],
      };
      if (!head.schemes.includes(scheme)) head.schemes.push(scheme);
      heads.set(key, head);
    }
  }
  return [...heads.values()];
}

/** @param begin - where the head would be */
function startAt(text: string, begin: number, head: Head): UrlStart | undefined {
  const { isHost, schemes } = head;
  if (begin < 0) return undefined;
  const written = text.slice(begin, begin + head.text.length);
  if ((isHost ? written.toLowerCase() : written) !== head.text) return undefined;
  const slash = slashBefore(text, begin);
  if (slash === undefined) {
    // As programs show an address in a link.
    const isBare = isHost && (begin === 0 || !/[\w.%@/\\-]/.test(text.charAt(begin - 1)));
    const isBehindColon = /https?:$/i.test(text.slice(Math.max(0, begin - 6), begin));
    return isBare
      ? {
          front: isBehindColon ? undefined : begin,
          at: begin,
          from: begin,
          prefix: '//',
          percentDepth: 0,
          schemes,
          isElsewhere: false,
        }
      : undefined;
  }
  const { percentDepth } = slash;
  if (!isHost) {
    const at = slash.start;
    const isReference = !isOfPath(text, at) && !isBehindForeignLetter(text, at, percentDepth);
    if (!isReference && !isBehindHost(text, at, percentDepth)) return undefined;
    return { front: at, at, from: at, prefix: '', percentDepth, schemes, isElsewhere: !isReference };
  }
  const first = slashBefore(text, slash.start);
  if (first?.percentDepth !== percentDepth) return undefined;
  const front = startOfScheme(text, first.start);
  if (front === undefined) return undefined;
  const isBehindSlash = slashBefore(text, first.start) !== undefined || text.charAt(first.start - 1) === '\\';
  return {
    front: isBehindSlash ? undefined : front,
    at: first.start,
    from: begin,
    prefix: '//',
    percentDepth,
    schemes,
    isElsewhere: false,
  };
}

/**
 * Where the `http:` or `https:` directly before `end` begins.
 * @returns `end` if there is no colon; undefined for another scheme
 */
function startOfScheme(text: string, end: number): number | undefined {
  const start = Math.max(0, end - 32);
  const before = text.slice(start, end);
  const colon =
    /(?:\\{0,8}:|&(?:amp;){0,3}(?:#0{0,4}58|#x0{0,4}3a|colon);|%(?:25){0,3}3a|\\{1,8}(?:u003a|x3a))$/i.exec(
      before,
    );
  if (colon === null) return end;
  const name = before.slice(0, colon.index).search(/https?$/i);
  return name < 0 ? undefined : start + name;
}

/**
 * Whether a slash continues a path. A reference may directly follow words of other scripts, Markdown's marks of emphasis and
 * strikethrough, and the start of a comment.
 */
function isOfPath(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 4), at).replace(/[_~]{1,3}$/, '');
  return before !== '<!--' && /[\w.~%@/\\:)-]$/.test(before);
}

/** The last letter of `https://example.рф`. */
function isBehindForeignLetter(text: string, end: number, percentDepth: number): boolean {
  return text.charCodeAt(end - 1) >= 0x80 && isBehindHost(text, end, percentDepth);
}

function isBehindHost(text: string, end: number, percentDepth: number): boolean {
  let start = end;
  while (start > 0 && end - start <= maxHostLength && isOfHost(text.charCodeAt(start - 1))) start--;
  // The digits of a percent-encoded slash would count as a part of the host.
  if (percentDepth > 0) start = end - hostLength(text.slice(start, end));
  if (start === end) return false;
  const second = slashBefore(text, start);
  return second !== undefined && slashBefore(text, second.start) !== undefined;
}

/**
 * Whether a path belongs to a URL with a host before it, after a character that may be in a path as well as between two URLs:
 * `https://host/a,/media/b`.
 */
export function isWithinUrl(text: string, at: number): boolean {
  const begin = Math.max(0, at - maxLengthBefore);
  let start = -1;
  for (const { index } of text.slice(begin, at).matchAll(/\\{0,8}\/\\{0,8}\//g)) start = begin + index;
  if (start < 0) return false;
  const reader = new EscapedUrlReader(text, 0);
  // A quote or a parenthesis may be in a URL, but more often is around one.
  while (start < at && reader.read(start) && !"'()|".includes(reader.written)) start = reader.next;
  return start >= at;
}

function isOfHost(code: number): boolean {
  return code >= 0x80 || isAlphanumeric(code) || '.-:[]%'.includes(String.fromCharCode(code));
}

/** The length of what follows the last percent-encoded slash. */
function hostLength(text: string): number {
  const slash = text.toLowerCase().lastIndexOf('2f');
  return slash < 0 ? text.length : text.length - slash - 2;
}
