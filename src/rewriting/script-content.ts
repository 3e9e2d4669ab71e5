/** Reads the content of a script: `ScriptContent` rewrites it, `LiteralWatch` only reports URLs in it. */
import type { ContentScanner } from '../html/scanner.ts';
import { GREATER_THAN, HYPHEN, LEFT_BRACE, LESS_THAN, RIGHT_BRACE } from '../text/ascii.ts';
import type { Edit, Span } from '../text/edit.ts';
import { isAnyTokenParameter } from '../url/token-parameters.ts';
import type { LiteralPrefilter } from './literal-prefilter.ts';

/**
 * Keeps the end of a script in its place. A raw `<!--`, `<script` or `-->` in a script, also within a URL, decides which `</script`
 * ends it (WHATWG HTML, 13.2.5.4, "script data"). Signing percent-encodes `<` and `>`, and may remove a parameter. A URL whose source
 * contains a bare `<` or `>` therefore stays unchanged.
 *
 * In a template, so does a URL with a bare `{` before its end: `{{id}}` and `${id}` become another URL in the browser, for which our
 * token would be invalid, and signing would percent-encode the expression.
 */
export class ScriptContent implements ContentScanner {
  readonly #content: ContentScanner;
  readonly #edits: Edit[];
  readonly #isTemplate: boolean;
  readonly #onLeft: ((url: string | undefined) => void) | undefined;

  /**
   * @param content - reads the script, and adds its changes to `edits`
   * @param onLeft - called for every URL that stays because of its markup; with the unescaped URL, if that is known
   */
  constructor(
    content: ContentScanner,
    edits: Edit[],
    isTemplate: boolean,
    onLeft: ((url: string | undefined) => void) | undefined,
  ) {
    this.#content = content;
    this.#edits = edits;
    this.#isTemplate = isTemplate;
    this.#onLeft = onLeft;
  }

  get heldFrom(): number {
    return this.#content.heldFrom;
  }

  scan(bytes: Buffer, to: number): void {
    const before = this.#edits.length;
    this.#content.scan(bytes, to);
    if (this.#edits.length > before) this.#check(bytes, before);
  }

  end(bytes: Buffer, to: number): void {
    const before = this.#edits.length;
    this.#content.end(bytes, to);
    if (this.#edits.length > before) this.#check(bytes, before);
  }

  abandon(): void {
    this.#content.abandon();
  }

  rebase(by: number): void {
    this.#content.rebase(by);
  }

  rest(): void {
    this.#content.rest?.();
  }

  /** @param from - index of the first edit that is new */
  #check(bytes: Buffer, from: number): void {
    const edits = this.#edits;
    let kept = from;
    for (let first = from; first < edits.length; ) {
      const url = edits[first]!.url ?? edits[first]!;
      let end = first + 1;
      while (end < edits.length && isWithin(edits[end]!, url)) end++;
      const ownEdits = edits.slice(first, end);
      if (decidesEnd(bytes, url, ownEdits)) this.#onLeft?.(textOf(edits[first]!));
      else if (!this.#isTemplate || !hasExpression(bytes, url))
        for (const edit of ownEdits) edits[kept++] = edit;
      first = end;
    }
    edits.length = kept;
  }
}

/** Text that is appended to a URL changes it, too. */
function isWithin({ start, url }: Edit, other: Span): boolean {
  return start < other.end || url?.start === other.start;
}

function textOf({ url }: Edit): string | undefined {
  return url && Buffer.from(url.text, 'latin1').toString();
}

/** In a `srcset`, an expression with a space is cut at the end of its candidate. */
function hasExpression(bytes: Buffer, { start, end }: Span): boolean {
  for (let at = start; at < end; at++)
    if (bytes[at] === LEFT_BRACE && bytes[at + 1] !== RIGHT_BRACE) return true;
  return false;
}

/** @param edits - those of the URL */
function decidesEnd(bytes: Buffer, url: Span, edits: readonly Edit[]): boolean {
  for (let at = url.start; at < url.end; at++)
    if (bytes[at] === LESS_THAN || bytes[at] === GREATER_THAN) return true;
  const next = bytes[url.end] === HYPHEN ? url.end + 1 : url.end;
  if (bytes[next] !== GREATER_THAN) return false;
  // A value without quotes ends at the `>` of its tag: after hyphens, that is a `-->`.
  const last = edits.at(-1)!; // only edits reveal a URL here
  const isEndReplaced = last.end === url.end && last.text !== '';
  const endOfRest = last.end === url.end ? last.start : url.end;
  return (
    bytes[url.end - 1] === HYPHEN ||
    (isEndReplaced ? last.text.endsWith('-') : bytes[endOfRest - 1] === HYPHEN)
  );
}

/** Looks for a literal in a script that is not rewritten, to report URLs that stay unsigned. It holds and changes nothing. */
export class LiteralWatch implements ContentScanner {
  readonly #prefilter: LiteralPrefilter;
  readonly #onLiteral: () => void;
  #at: number;
  #hasFound = false;
  /** Inside an incomplete URL that has no token so far. */
  #isInUrl = false;

  /**
   * @param onLiteral - called once, at the first literal outside a URL with a token, such as one from `signImage`. A literal that is
   *   split between two chunks is missed.
   */
  constructor(prefilter: LiteralPrefilter, onLiteral: () => void, at: number) {
    this.#prefilter = prefilter;
    this.#onLiteral = onLiteral;
    this.#at = at;
  }

  get heldFrom(): number {
    return this.#at;
  }

  rebase(by: number): void {
    this.#at -= by;
  }

  scan(bytes: Buffer, to: number): void {
    this.#read(bytes, to, false);
  }

  end(bytes: Buffer, to: number): void {
    this.#read(bytes, to, true);
  }

  #read(bytes: Buffer, to: number, isFinal: boolean): void {
    let at = this.#at;
    this.#at = to;
    if (this.#isInUrl) at = this.#readUrl(bytes, at, to, isFinal);
    while (!this.#hasFound && at < to) {
      const literal = this.#prefilter.next(bytes, at, to);
      if (literal >= to) return;
      at = this.#readUrl(bytes, literal, to, isFinal);
    }
  }

  /** @returns the end of the URL or of the bytes; always after `start`, or at the delimiter there */
  #readUrl(bytes: Buffer, start: number, to: number, isFinal: boolean): number {
    const end = endOfUrl(bytes, start, to);
    const isBare = !hasToken(bytes.toString('latin1', start, end));
    this.#isInUrl = isBare && end === to && !isFinal;
    if (isBare && !this.#isInUrl && !this.#hasFound) {
      this.#hasFound = true;
      this.#onLiteral();
    }
    return end;
  }

  abandon(): void {}
}

/** The delimiters that end a URL in code. */
const delimiters: ReadonlySet<number> = new Set(Buffer.from(' \t\r\n"\'`<>'));

function endOfUrl(bytes: Buffer, start: number, to: number): number {
  let end = start;
  while (end < to && !delimiters.has(bytes[end]!)) end++;
  return end;
}

function hasToken(url: string): boolean {
  return url.split(/[?&;]|\\u0026/).some(isAnyTokenParameter);
}
