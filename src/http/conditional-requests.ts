/**
 * Entity tags and conditional requests of rewritten responses (RFC 9110, 8.8 and 13). We issue the app's entity tag with
 * a suffix that identifies the tokens, and translate it back for the app only while the tokens are the same: otherwise
 * a client would get a 304 for a page with expired images.
 */

/** Request headers with lower-case names, as in `node:http`. */
export type RequestHeaders = Record<string, string | string[] | undefined>;

/** The suffix of a tag that we issued; 96 bits make an accidental repetition improbable (`shortMac`). */
const suffixPattern = /-is\.[0-9a-f]{24}$/;
/** Conditions that no suffix identifies: on a date, or on a strong comparison, which our weak tags never pass. */
const otherConditions: readonly string[] = ['if-modified-since', 'if-match', 'if-unmodified-since'];
const conditionals: readonly string[] = [...otherConditions, 'range', 'if-range'];

/** The fields of a request that is conditional or asks for a range. */
export const conditionalFields: readonly string[] = ['if-none-match', ...conditionals];

/** The request fields that this file reads. */
export const readRequestFields: readonly string[] = ['accept', ...conditionalFields];

/**
 * Whether a request with this method gets a 304 if its conditions fail (RFC 9110, 13.1.2). A QUERY is safe and has conditions like a
 * GET (RFC 10008), and Express treats it so. Any other method may change something: its conditions stay.
 */
export function isConditionalMethod(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'QUERY';
}

/** Whether a request is conditional or asks for a range. */
export function hasConditionals(headers: RequestHeaders): boolean {
  for (const name of conditionalFields) if (headers[name] !== undefined) return true;
  return false;
}

/** The suffixes at one instant. A tag's suffix says whether the app's own tag is weak or strong. */
export interface TagSuffixes {
  readonly weak: string;
  readonly strong: string;
}

/** @param mac - 24 hex digits */
export function tagSuffix(mac: string): string {
  return `-is.${mac}`;
}

/** The tag that we issue. It is weak, because the app tagged other bytes. A second call adds no suffix. */
export function bindTag(tag: string, suffixes: TagSuffixes): string {
  const opaque = opaqueOf(tag);
  const isBound = opaque.endsWith(suffixes.weak) || opaque.endsWith(suffixes.strong);
  return `W/"${isBound ? opaque : opaque + (isWeak(tag) ? suffixes.weak : suffixes.strong)}"`;
}

/**
 * The app's own tag, in the app's spelling: some apps compare texts.
 * @returns undefined for a tag that we did not issue, or that is no longer valid
 */
function appsTag(tag: string, { weak, strong }: TagSuffixes): string | undefined {
  const opaque = opaqueOf(tag);
  if (opaque.endsWith(strong)) return `"${opaque.slice(0, -strong.length)}"`;
  return opaque.endsWith(weak) ? `W/"${opaque.slice(0, -weak.length)}"` : undefined;
}

/**
 * The conditional fields of one request. While the app evaluates them, they contain what it may compare with its own
 * validators; `restore` puts the client's values back, so that a log shows what the client sent.
 */
export class Conditionals {
  readonly #headers: RequestHeaders;
  readonly #original: ReadonlyMap<string, string | string[] | undefined>;
  readonly #atEntry: ReadonlyMap<string, string | string[] | undefined>;
  /** The client's tags that we issued, and that are still valid. */
  readonly #issued: readonly string[];
  /** The app's tags, translated from them. */
  readonly #translated: readonly string[];

  /**
   * @param suffixes - the current ones; undefined if no tag can validate the response
   * @param acceptsPage - the client asks for a page: only tags that we issued reach the app
   */
  constructor(headers: RequestHeaders, suffixes: TagSuffixes | undefined, acceptsPage: boolean) {
    this.#headers = headers;
    this.#original = snapshot(headers);
    const tags = parseTags(headers['if-none-match']);
    const own = (tag: string): string | undefined => suffixes && appsTag(tag, suffixes);
    this.#issued = tags.filter((tag) => own(tag) !== undefined);
    this.#translated = this.#issued.map((tag) => own(tag)!);
    const others = tags.filter((tag) => !suffixPattern.test(opaqueOf(tag)));
    if (acceptsPage) {
      this.#keepTags([]);
      for (const name of conditionals) delete headers[name];
    } else if (others.length < tags.length) {
      // With a tag that we issued, even an outdated one, the client asks for a rewritten page: no date validates that.
      this.#keepTags(others);
      for (const name of otherConditions) delete headers[name];
    }
    this.#atEntry = snapshot(headers);
  }

  /** Whether the app sees a tag that we issued: then a 304 is about a rewritten response. */
  get hasIssuedTag(): boolean {
    return this.#translated.length > 0;
  }

  /**
   * The tag to send instead of the app's, if the client has it. Compressors make tags weak, but the tag of a 304, which has no body,
   * is still strong: it must become the tag that was sent with the page.
   */
  issuedFor(tag: string): string | undefined {
    const opaque = opaqueOf(tag);
    const index = this.#translated.findIndex((each) => opaqueOf(each) === opaque);
    return index < 0 ? undefined : `W/"${opaqueOf(this.#issued[index]!)}"`;
  }

  /**
   * The response will be rewritten: keeps only the tags that we issued.
   * @param tag - the response's entity tag so far
   */
  keepIssued(tag?: string): void {
    // The app may have deleted the field, to send a full response.
    if (this.#headers['if-none-match'] !== undefined) this.#keepTags([]);
    for (const name of conditionals) delete this.#headers[name];
    // `send` has already read `Range`: an `If-Range` that cannot match makes it send the full representation. But
    // webpack-dev-middleware has already cut out the part when it sets a strong tag, and would send the part with status
    // 200. Without `If-Range` it sends 206, which passes untouched.
    const isRange = this.#original.get('range') !== undefined;
    if (isRange && (tag === undefined || isWeak(tag))) this.#headers['if-range'] = '"-"';
  }

  /** The response's tag is bound: from here on, middleware that compares tags sees them as we issued them. */
  keepBound(): void {
    if (this.#headers['if-none-match'] !== undefined)
      this.#headers['if-none-match'] = this.#issued.join(', ');
  }

  /** The response will not be rewritten after all: puts back what the app saw at first. */
  restoreAtEntry(): void {
    this.#put(this.#atEntry);
  }

  /** Puts back what the client sent. */
  restore(): void {
    this.#put(this.#original);
  }

  #put(saved: ReadonlyMap<string, string | string[] | undefined>): void {
    for (const [name, value] of saved) {
      if (value === undefined) delete this.#headers[name];
      else this.#headers[name] = value;
    }
  }

  #keepTags(others: readonly string[]): void {
    const tags = [...this.#translated, ...others];
    if (tags.length > 0) this.#headers['if-none-match'] = tags.join(', ');
    else delete this.#headers['if-none-match'];
  }
}

/** Whether `Accept` names `text/html` with a weight above 0. */
export function acceptsHtml(accept: string | string[] | undefined): boolean {
  return String(accept ?? '')
    .split(',')
    .some((range) => {
      const [type, ...parameters] = range
        .toLowerCase()
        .split(';')
        .map((each) => each.trim());
      return type === 'text/html' && !parameters.some((each) => /^q=0(?:\.0*)?$/.test(each));
    });
}

function snapshot(headers: RequestHeaders): ReadonlyMap<string, string | string[] | undefined> {
  return new Map(conditionalFields.map((name) => [name, headers[name]]));
}

function isWeak(tag: string): boolean {
  return /^W\//i.test(tag);
}

/** The opaque tag without its quotes (RFC 9110, 8.8.3). */
function opaqueOf(tag: string): string {
  return tag.replace(/^W\//i, '').replace(/^"/, '').replace(/"$/, '');
}

/** Parses a list of entity tags, or `*`. An opaque tag may contain commas. */
function parseTags(value: string | string[] | undefined): string[] {
  const text = Array.isArray(value) ? value.join(',') : (value ?? '');
  return text.match(/(?:W\/)?"[^"]*"|[^",\s]+/gi) ?? [];
}
