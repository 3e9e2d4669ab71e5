/**
 * Reads one URL in a text, and finds its token. It reads the text as it will be without the token: the text directly after the
 * token then belongs to the URL before it. So a second walk finds nothing more.
 * Longer than most files: all its methods move the same offset.
 */

import type { BoundScheme } from '../schemes/bound.ts';
import { findFrom, type UnderFrom } from '../schemes/from.ts';
import { epochSeconds } from '../signing/expiry.ts';
import type { Edit } from '../text/edit.ts';
import { maxUrlLength } from '../text/limits.ts';
import { formDecode } from '../url/percent-encoding.ts';
import { tokenLength } from '../url/token-parameters.ts';
import { EscapedUrlReader } from '../values/escaped-url.ts';
import { ownerOf } from './resolve.ts';
import { frontEdits, strippedEdits } from './url-edits.ts';
import type { UrlStart } from './url-starts.ts';

/** So many characters of a cut value are read, at least: S3's session tokens are the longest. */
const maxTokenLength = maxUrlLength / 8;

/** The text after the name of a token's parameter. */
interface TokenValue {
  readonly text: string;
  /** Of every character. */
  readonly offsets: readonly number[];
  /** Whether it is longer than what was read. */
  readonly isCut: boolean;
  /** Index of the character where the wanted value starts. */
  first: number;
  /** Offset after the text, and the character there that ends the value. */
  readonly end: number;
  readonly stoppedAt: string;
}

export class DeliveryUrlWalk {
  readonly #text: string;
  readonly #start: UrlStart;
  readonly #reader: EscapedUrlReader;
  readonly #pathEnd: number;
  readonly #queryEnd: number;
  /** The quote or parenthesis before the URL: its counterpart ends the URL, unless it was opened within the URL. */
  readonly #opened: string;
  #openParentheses = 0;
  #at: number;
  #edits: Edit[] = [];
  /** The URL up to its query, as a browser would write it. */
  path: string;

  constructor(text: string, start: UrlStart, percentDepth: number, pathEnd: number, queryEnd: number) {
    this.#text = text;
    this.#start = start;
    this.#reader = new EscapedUrlReader(text, percentDepth);
    this.#pathEnd = pathEnd;
    this.#queryEnd = queryEnd;
    this.#opened = openedBefore(text, start.at);
    this.#at = start.from;
    this.path = start.prefix;
  }

  edits(): readonly Edit[] {
    const hasQuery = this.#readPath();
    const scheme = ownerOf(this.path, this.#start);
    if (scheme === undefined) return [];
    const stored = findFrom(this.path, scheme.from);
    const front = stored ? frontEdits(this.#text, this.#start, this.path, stored, scheme) : [];
    if (front === undefined) return [];
    const isToken = scheme.definition.isTokenParameter;
    if (isToken === undefined || scheme.mayHoldTokenInPath(this.path))
      return [...front, ...this.#editsOfWhole(scheme, stored)];
    if (!hasQuery) return front;
    const tokens = stored?.base.tokens ?? [];
    const end = this.#readQueries((name) => isToken(name) || tokens.includes(name));
    return this.#start.isElsewhere && !this.#isSignedTarget(scheme, end) ? [] : [...front, ...this.#edits];
  }

  /** @returns whether a query follows */
  #readPath(): boolean {
    while (this.#isInUrl(this.#pathEnd)) {
      const { written, next } = this.#reader;
      if (written === '?') return true;
      // Another URL follows without a space, as in a comma-separated list; after a slash it is part of this one.
      const isNextUrl =
        written === '/' && this.path.endsWith(':/') && !endsWithScheme.test(this.path.slice(-20));
      if (written === '#' || isNextUrl) return false;
      if (this.path.length > maxUrlLength) return false;
      this.path += written;
      this.#at = next;
    }
    return false;
  }

  /** @returns the end of the last token that is removed */
  #readQueries(isToken: (name: string) => boolean): number {
    let end = this.#readQuery(isToken);
    // If the token was the whole query, the text directly after it becomes a part of the path.
    while (end === this.#at && !this.#start.isElsewhere && this.#readPath()) {
      const next = this.#readQuery(isToken);
      if (next < 0) break;
      end = next;
    }
    return end;
  }

  /** @returns the end of the last token that is removed, or -1 */
  #readQuery(isToken: (name: string) => boolean): number {
    const question = this.#at;
    let separator = this.#at;
    let first = -1;
    let kept = 0;
    let end = -1;
    for (let isMore = true; isMore; ) {
      this.#at = this.#reader.next;
      first = first < 0 ? this.#at : first;
      const start = this.#at;
      const name = formDecode(this.#read('=&#'));
      if (isToken(name)) {
        const isWhole = this.#stoppedAt !== '=' || this.#readToken(name);
        end = this.#at;
        if (kept > 0) this.#edits.push({ start: separator, end, text: '' });
        if (!isWhole && kept === 0) break;
        if (!isWhole) this.#read('&#', false); // the words belong to the parameter before
      } else {
        if (this.#stoppedAt === '=') this.#read('&#', false);
        const isEmpty = this.#at === start && this.#stoppedAt !== '&';
        if (isEmpty) break; // an `&` at the end of the URL
        if (kept === 0 && end >= 0) this.#edits.push({ start: first, end: start, text: '' });
        kept++;
      }
      isMore = this.#stoppedAt === '&';
      separator = this.#at;
    }
    if (kept === 0 && end >= 0) this.#edits.push({ start: question, end, text: '' });
    return end;
  }

  /** @returns whether the value is a token and nothing else */
  #readToken(name: string): boolean {
    this.#at = this.#reader.next; // after the `=`
    const { text, offsets, first, end, stoppedAt } = this.#valueAt(this.#at);
    const value = text.slice(first);
    const length = tokenLength(name, value, stoppedAt !== '');
    this.#stoppedAt = stoppedAt;
    if (length < value.length) {
      this.#at = offsets[first + length]!;
      return false;
    }
    this.#at = end;
    if (stoppedAt === '') return !this.#isInUrl(this.#queryEnd);
    return this.#reader.read(end); // then it is after that character
  }

  /** Words after a token may contain the next token, up to the same end: they are read once for both. */
  #valueAt(start: number): TokenValue {
    const known = this.#value;
    while (known !== undefined && known.first < known.offsets.length && known.offsets[known.first]! < start)
      known.first++;
    const isKnown = known?.offsets[known.first] === start;
    if (isKnown && (!known.isCut || known.text.length - known.first > maxTokenLength)) return known;
    const offsets: number[] = [];
    const parentheses = this.#openParentheses;
    const text = this.#read('&#', true, offsets);
    this.#openParentheses = parentheses; // those of words are counted when they are read
    const isCut = text.length > maxUrlLength;
    this.#value = { text, offsets, isCut, first: 0, end: this.#at, stoppedAt: this.#stoppedAt };
    return this.#value;
  }

  #value: TokenValue | undefined;
  #stoppedAt = '';

  /**
   * Reads up to one of these characters, or to the end of the URL. Then the reader is after that character, and `#at` is
   * before it.
   * @param isKept - whether to return the text, up to the length of a URL
   * @param offsets - receives the offset of every character; then it stops at a character beyond ASCII
   */
  #read(stops: string, isKept = true, offsets?: number[]): string {
    let read = '';
    this.#stoppedAt = '';
    while (this.#isInUrl(this.#queryEnd)) {
      const { written, next, isForeign } = this.#reader;
      if (!isForeign && stops.includes(written)) {
        this.#stoppedAt = written;
        break;
      }
      if (offsets !== undefined && isForeign) break;
      if (isKept && read.length > maxUrlLength) break;
      if (isKept) read += written;
      offsets?.push(this.#at);
      this.#at = next;
    }
    return read;
  }

  #isInUrl(limit: number): boolean {
    if (this.#at >= limit || endsComment(this.#text, this.#at) || !this.#reader.read(this.#at)) return false;
    const { written, next } = this.#reader;
    // A quote in a URL is spelled differently from those around it.
    if (this.#opened === "'") return written !== "'" || next > this.#at + 1;
    if (this.#opened === '&#39;') return written !== "'" || next === this.#at + 1;
    if (this.#opened !== '(') return true;
    if (written === '(') this.#openParentheses++;
    else if (written === ')') this.#openParentheses--;
    return this.#openParentheses >= 0;
  }

  /** For a scheme where only `strip` knows where the token is. */
  #editsOfWhole(scheme: BoundScheme, stored: UnderFrom | undefined): readonly Edit[] {
    let url = this.#start.prefix;
    const offsets: number[] = Array.from(url, () => this.#start.from);
    this.#at = this.#start.from;
    this.#openParentheses = 0;
    let foreign = -1;
    while (this.#isInUrl(this.#pathEnd) && url.length <= maxUrlLength) {
      const { written, next, isForeign } = this.#reader;
      // No token contains a bar. Schemes percent-encode it like non-ASCII characters, but it must stay.
      const isBar = written === '|';
      if ((isForeign || isBar) && foreign < 0) foreign = url.length;
      const canonical = isBar ? '%7C' : written;
      url += canonical;
      for (let i = 0; i < canonical.length; i++) offsets.push(this.#at);
      this.#at = next;
    }
    offsets.push(this.#at);
    // `unsign` also puts the scheme's own base in front, which is a separate edit here.
    const strip = (text: string): string | undefined => {
      const bare = scheme.unsign(text);
      if (bare === undefined || stored === undefined) return bare;
      return url.slice(0, stored.end) + bare.slice(scheme.firstBase.text.length);
    };
    return strippedEdits(url, foreign, strip).map(({ start, end, text }) => ({
      start: offsets[start]!,
      end: offsets[end]!,
      text,
    }));
  }

  /**
   * Whether this signer made the token of a URL whose host no base names: perhaps the site's own host, if a base is a path. If
   * not, the parameters may be anybody's.
   */
  #isSignedTarget(scheme: BoundScheme, end: number): boolean {
    this.#at = this.#start.from;
    this.#openParentheses = 0;
    let target = '';
    while (this.#isInUrl(end) && target.length <= maxUrlLength) {
      target += this.#reader.written;
      this.#at = this.#reader.next;
    }
    const resolved = scheme.resolveSigned(target);
    return typeof resolved === 'object' && resolved.verify(beforeAnyExpiry).ok;
  }
}

/** The beginning of a URL in the path of another. */
const endsWithScheme = /\/[a-z][a-z\d+.-]{0,15}:\/$/i;

/** At this time only the signature counts. */
const beforeAnyExpiry = epochSeconds(0);

/** Whether an HTML comment ends here: without its hyphens the comment would continue. */
function endsComment(text: string, at: number): boolean {
  return text.startsWith('-->', at) || text.startsWith('--!>', at);
}

/** The quote, in one of two spellings, or the parenthesis right before the scheme of a URL. */
function openedBefore(text: string, at: number): string {
  const before = text
    .slice(Math.max(0, at - 40), at)
    .replace(/https?(?:\\{0,8}:|&[^&;]{1,8};|%(?:25){0,3}3a|\\u003a)$/i, '');
  if (before.endsWith('(') || before.endsWith("'")) return before.slice(-1);
  return /(?:&(?:amp;)?(?:#0{0,4}39|#x0{0,4}27|apos);|\\u0027|%27)$/i.test(before) ? '&#39;' : '';
}
