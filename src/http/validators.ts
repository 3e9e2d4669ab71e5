/**
 * Entity tags of rewritten responses. The app's tag is of the body before its URLs were signed; what goes out is bound
 * to the tokens as well, by a suffix, and what comes back is turned into the app's own only while the suffix holds.
 * So a client gets its 304 while the tokens are the same, and never after (RFC 9110, 8.8 and 13).
 */

/** Request headers, as `node:http` has them: lower-case names. */
export type RequestHeaders = Record<string, string | string[] | undefined>;

const suffixPattern = /-is\.[0-9a-f]{24}$/;
const dates: readonly string[] = ['if-modified-since', 'if-match', 'if-unmodified-since'];
const conditionals: readonly string[] = [...dates, 'range', 'if-range'];

/** All that is read here of a request's headers. */
export const readRequestFields: readonly string[] = ['accept', 'if-none-match', ...conditionals];

/** Whether a request has any. */
export function hasConditionals(headers: RequestHeaders): boolean {
  if (headers['if-none-match'] !== undefined) return true;
  for (const name of conditionals) if (headers[name] !== undefined) return true;
  return false;
}

/** The suffix that binds a tag to a seal of 24 hex digits. */
export function tagSuffix(seal: string): string {
  return `-is.${seal}`;
}

/** The tag that goes out: weak, since the body is another one than the app's. One that is bound already stays. */
export function bindTag(tag: string, suffix: string): string {
  const opaque = opaqueOf(tag);
  return `W/"${opaque.endsWith(suffix) ? opaque : opaque + suffix}"`;
}

/**
 * The conditionals of one request. They are turned into what the app may compare with its own before it looks, and
 * back when the headers go out, so that a log shows what the client sent.
 */
export class Conditionals {
  readonly #headers: RequestHeaders;
  readonly #original: ReadonlyMap<string, string | string[] | undefined>;
  readonly #atEntry: ReadonlyMap<string, string | string[] | undefined>;
  readonly #ours: readonly string[];

  /**
   * @param suffix - the one in force; undefined where no tag can vouch for the response
   * @param acceptsPage - the client asks for a page: what is not ours goes before the app sees it
   */
  constructor(headers: RequestHeaders, suffix: string | undefined, acceptsPage: boolean) {
    this.#headers = headers;
    this.#original = snapshot(headers);
    const tags = parseTags(headers['if-none-match']);
    this.#ours = tags.flatMap((tag) => {
      const opaque = opaqueOf(tag);
      return suffix !== undefined && opaque.endsWith(suffix)
        ? [`W/"${opaque.slice(0, -suffix.length)}"`]
        : [];
    });
    const others = tags.filter((tag) => !suffixPattern.test(opaqueOf(tag)));
    if (acceptsPage) {
      this.#keepTags([]);
      for (const name of conditionals) delete headers[name];
    } else if (others.length < tags.length) {
      // A tag of ours, of whatever step: a rewritten page is asked for, and no date vouches for one.
      this.#keepTags(others);
      for (const name of dates) delete headers[name];
    }
    this.#atEntry = snapshot(headers);
  }

  /** Whether a tag of ours was handed on: a 304 then is that of a rewritten response. */
  get hasOwnTag(): boolean {
    return this.#ours.length > 0;
  }

  /**
   * The response will be rewritten: only tags of ours still count.
   * @param tag - that the response has by now, if it has one
   */
  keepOurs(tag?: string): void {
    // Not where the app has taken them away itself, to send the whole.
    if (this.#headers['if-none-match'] !== undefined) this.#keepTags([]);
    for (const name of conditionals) delete this.#headers[name];
    // `send` has read `Range` by now: a condition that cannot hold makes it send the whole. Not so
    // webpack-dev-middleware: before it tells a strong tag it has cut out the range, and would send that as the whole.
    // Without a condition it sends it as the part that it is.
    const isRange = this.#original.get('range') !== undefined;
    if (isRange && (tag === undefined || isWeak(tag))) this.#headers['if-range'] = '"-"';
  }

  /** It will not be, after all: the conditions are what they were on entry. */
  restoreEntry(): void {
    this.#put(this.#atEntry);
  }

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
    const tags = [...this.#ours, ...others];
    if (tags.length > 0) this.#headers['if-none-match'] = tags.join(', ');
    else delete this.#headers['if-none-match'];
  }
}

/** Whether `Accept` names `text/html`, with some weight. */
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
  return new Map(['if-none-match', ...conditionals].map((name) => [name, headers[name]]));
}

function isWeak(tag: string): boolean {
  return /^W\//i.test(tag);
}

/** What stands between a tag's quotes. */
function opaqueOf(tag: string): string {
  return tag.replace(/^W\//i, '').replace(/^"/, '').replace(/"$/, '');
}

/** A list of entity tags, in which commas may stand between quotes; `*` is one of them. */
function parseTags(value: string | string[] | undefined): string[] {
  const text = Array.isArray(value) ? value.join(',') : (value ?? '');
  return text.match(/(?:W\/)?"[^"]*"|[^",\s]+/gi) ?? [];
}
