/** The options of the rewriters: how they map URLs, which texts they read, and what they call for values that stay. */
import type { ValueCache } from '../caches/value-cache.ts';
import { type Attribute, NameCache } from '../html/attributes.ts';
import type { Edit, UnescapedValue } from '../text/edit.ts';
import type { LiteralPrefilter } from './literal-prefilter.ts';

/**
 * @param isInCachedValue - the value cache will keep the value around the URL, so that no other cache needs the URL
 * @returns the URL that replaces this one; undefined to leave it unchanged
 */
export type UrlMapper = (url: string, isInCachedValue?: boolean) => string | undefined;

/** How the URLs of a page are mapped, and how a URL is distinguished from a text that begins with one. */
export interface UrlMapping {
  readonly map: UrlMapper;
  /** Maps a URL that may name a page or a program instead of an image; undefined if `map` does both. */
  readonly mapLink?: UrlMapper | undefined;
  /** Whether text follows the token of a URL directly: then the value is a text. */
  readonly hasTextBehindToken?: ((url: string) => boolean) | undefined;
  /** Called for a value that only white space in its path keeps from being a URL; undefined if no report is wanted. */
  readonly onSpaceInPath?: ((url: string) => void) | undefined;
  /**
   * Called for a JSON string that contains URLs without being one, such as HTML that `fields` would read; undefined if no report
   * is wanted.
   * @param member - the name, with one character per byte; undefined for an item of an array
   */
  readonly onUnreadString?: ((text: string, member: string | undefined) => void) | undefined;
  /** Notes the place of the next URLs, for reports; undefined if no report is wanted. */
  readonly place?: CurrentPlace | undefined;
}

/**
 * Finds the edits of a text within HTML, JSON or another text.
 * @param text - one character per byte
 * @param depth - how many texts surround this one
 * @param options - of the surrounding text
 */
export type EditText = (
  text: string,
  kind: TextKind,
  depth: number,
  options: HtmlRewriterOptions,
) => readonly Edit[];

/** Kinds of texts with their own grammar. A reader reads the kinds that only some sites have. */
export type TextKind = 'html' | 'json' | EditReader;

/** Reads a kind of text for the option `fields`, such as `markdown` of `image-signer/markdown`. */
export interface TextReader {
  /** Identifies the reader, since the ESM and CommonJS copies in a process are different objects. */
  readonly name: string;
  /** Finds the URLs of a text. Only the package calls it. */
  read(text: string, context: never): readonly unknown[];
}

/** A reader as the engine knows it. */
export interface EditReader extends TextReader {
  /**
   * @param text - one character per byte
   * @returns the edits of the text, in order
   */
  read(text: string, context: TextContext): readonly Edit[];
}

/** The tools that a reader gets. Offsets refer to its text. */
export interface TextContext {
  readonly map: UrlMapper;
  /** Maps a URL that may name a page instead of an image. */
  readonly mapLink: UrlMapper;
  /** Whether a URL that is mapped may be in [start, end). */
  mayHoldUrl(start: number, end: number): boolean;
  /** The edits of one URL without escapes. */
  editUrl(url: string, map: UrlMapper): readonly Edit[];
  /** See `UrlMapping`. */
  readonly hasTextBehindToken?: ((url: string) => boolean) | undefined;
  /** The edits of the HTML in the text. */
  editHtml(html: string): readonly Edit[];
  /** Decodes the character references of a piece that begins at `start`. */
  unescapeReferences(source: string, start: number): Pick<UnescapedValue, 'text' | 'offsets'>;
}

/**
 * The kind of an attribute's value. `bgset` is lazySizes' `data-bgset`, `url-list` is URLs separated by semicolons; sites can name
 * only the other kinds.
 */
export type TargetKind = 'url' | 'srcset' | 'css' | 'html' | 'json' | 'bgset' | 'url-list';
export type ScriptKind = 'html' | 'json';

/** The site's own attributes, scripts, members and properties, from its options. */
export interface ExtraTargets {
  /** By name in lower case. */
  readonly attributes: ReadonlyMap<string, TargetKind>;
  /** By MIME type without parameters, in lower case. */
  readonly scripts: ReadonlyMap<string, ScriptKind>;
  /** Members of JSON by name: UTF-8 with one character per byte. */
  readonly fields: ReadonlyMap<string, TextKind>;
  /** Custom properties of CSS whose value is a string that holds a URL, `--` included: UTF-8 as in `fields`. */
  readonly customProperties: ReadonlySet<string>;
}

/** Equal targets give equal texts. */
export function serializeTargets({ attributes, scripts, fields, customProperties }: ExtraTargets): string {
  const kinds = Array.from(fields, ([member, kind]) => [
    member,
    typeof kind === 'string' ? kind : [kind.name],
  ]);
  return JSON.stringify([attributes, scripts, kinds, customProperties].map((each) => [...each].toSorted()));
}

export const noExtraTargets: ExtraTargets = {
  attributes: new Map(),
  scripts: new Map(),
  fields: new Map(),
  customProperties: new Set(),
};

export interface HtmlRewriterOptions extends UrlMapping {
  readonly prefilter: LiteralPrefilter;
  readonly extraTargets: ExtraTargets;
  /** An option rather than an import, because every kind of text may contain the others. */
  readonly editText: EditText;
  readonly onTooLong: () => void;
  /** Whether every response gets the same mapped URL until the expiry's step ends, so that it can be cached. */
  readonly isStable: (url: string) => boolean;
  /** The cache of values; undefined if the mapped URLs may differ between responses. */
  readonly values: ValueCache | undefined;
  /** Called for a cached value, instead of `map` for every URL in it. All of them are replaced. */
  readonly onCached: (urls: number) => void;
  /** False if a Content-Security-Policy allows styles by hash, which an edit would break. */
  readonly rewritesCss: boolean;
  /** Whether a Content-Security-Policy allows scripts by hash. */
  readonly hasHashedScripts?: boolean | undefined;
  /** Called for a script that is not rewritten and may hold URLs; undefined if no report is wanted. */
  readonly onScriptState: (() => void) | undefined;
  /**
   * Called for a URL in a script that stays because its source contains a raw `<` or `>`; with its text, if that is known.
   */
  readonly onMarkupInScript?: ((url: string | undefined) => void) | undefined;
}

/** Shared by all pages, which use the same few names. */
const names: NameCache = new NameCache();

/** Longer names are cut: a stranger may write an element of 64 KiB with a thousand attributes. */
const maxNameLength = 64;

/** The place of the URL that is being mapped, for reports: an attribute, an element, or the kind of a text. */
export class CurrentPlace {
  #element: string | undefined;
  /** The attribute, or the kind of a text outside tags. */
  #name: string | undefined;

  /** Called for values that are not cached. */
  inTag(bytes: Buffer, elementStart: number, elementEnd: number, { nameStart, nameEnd }: Attribute): void {
    this.#element = names.lowerCase(bytes, elementStart, Math.min(elementEnd, elementStart + maxNameLength));
    this.#name = names.lowerCase(bytes, nameStart, Math.min(nameEnd, nameStart + maxNameLength));
  }

  inElement(element: string): void {
    this.#element = element;
    this.#name = undefined;
  }

  /** @param text - `JSON`, `Link`, `Location`, `data`, or the name of a reader */
  in(text: string): void {
    this.#element = undefined;
    this.#name = text;
  }

  /**
   * @param show - replaces a name that must not be shown
   * @returns such as `<img src>`; undefined if no place was noted
   */
  name(show: (name: string) => string): string | undefined {
    if (this.#element === undefined) return this.#name;
    const parts = [this.#element, ...(this.#name === undefined ? [] : [this.#name])];
    return `<${parts.map(show).join(' ')}>`;
  }
}
