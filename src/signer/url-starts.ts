/**
 * Finds where delivery URLs may start in any text: at each host of a base, behind `//` or without it, and at each path of
 * a base that has no host, in every spelling that `values/escaped-url.ts` reads. It does not read the URLs.
 */

import { LiteralPrefilter, literalOf } from '../rewriting/literal-prefilter.ts';
import type { BoundScheme } from '../schemes/bound.ts';
import { isAlphanumeric } from '../text/ascii.ts';
import { slashBefore } from '../values/escaped-url.ts';

export interface UrlStart {
  /** Offset of the first slash; of the host if there is none before it. */
  readonly at: number;
  /** Offset from which on the URL is read: of the host, or of the first slash of a path. */
  readonly from: number;
  /** What stands before that: `'//'`, or nothing. */
  readonly prefix: string;
  /** How often the URL is percent-encoded as a whole. */
  readonly percentDepth: number;
  /** The schemes that have such a base, in their order. */
  readonly schemes: readonly BoundScheme[];
  /** Whether the path of a base stands behind a host that no base names: the site's own, perhaps. */
  readonly isElsewhere: boolean;
}

/** What every URL of some bases begins with. */
interface Head {
  /** The host in lower case, without a port, whose colon may be escaped; or the first segment of a path. */
  readonly text: string;
  readonly isHost: boolean;
  /** Offset of the literal that the prefilter finds. */
  readonly literal: number;
  readonly schemes: BoundScheme[];
}

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
    for (const { authority, path } of scheme.bases) {
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

/** @param begin - where the head would have to stand */
function startAt(text: string, begin: number, head: Head): UrlStart | undefined {
  const { isHost, schemes } = head;
  if (begin < 0) return undefined;
  const written = text.slice(begin, begin + head.text.length);
  if ((isHost ? written.toLowerCase() : written) !== head.text) return undefined;
  const slash = slashBefore(text, begin);
  if (slash === undefined) {
    // As programs show an address in a link.
    const isBare = isHost && (begin === 0 || !/[\w.%@/\\-]/.test(text.charAt(begin - 1)));
    return isBare
      ? { at: begin, from: begin, prefix: '//', percentDepth: 0, schemes, isElsewhere: false }
      : undefined;
  }
  const { percentDepth } = slash;
  if (!isHost) {
    const at = slash.start;
    const isReference = at === 0 || !/[\w.~%@/\\:-]/.test(text.charAt(at - 1));
    if (!isReference && !isBehindHost(text, at, percentDepth)) return undefined;
    return { at, from: at, prefix: '', percentDepth, schemes, isElsewhere: !isReference };
  }
  const first = slashBefore(text, slash.start);
  if (first?.percentDepth !== percentDepth || !isBehindScheme(text, first.start)) return undefined;
  return { at: first.start, from: begin, prefix: '//', percentDepth, schemes, isElsewhere: false };
}

/** Only `http:` and `https:`, or nothing that ends with a colon. */
function isBehindScheme(text: string, end: number): boolean {
  const before = text.slice(Math.max(0, end - 32), end);
  const colon =
    /(?:\\{0,8}:|&(?:amp;){0,3}(?:#0{0,4}58|#x0{0,4}3a|colon);|%(?:25){0,3}3a|\\{1,8}(?:u003a|x3a))$/i.exec(
      before,
    );
  return colon === null || /https?$/i.test(before.slice(0, colon.index));
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

function isOfHost(code: number): boolean {
  return isAlphanumeric(code) || '.-:[]%'.includes(String.fromCharCode(code));
}

/** The length of what follows the last percent-encoded slash. */
function hostLength(text: string): number {
  const slash = text.toLowerCase().lastIndexOf('2f');
  return slash < 0 ? text.length : text.length - slash - 2;
}
