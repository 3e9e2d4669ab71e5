/**
 * The inline content of Markdown (CommonMark 0.31, section 6): the destinations of links and images, and the HTML in it.
 * Emphasis is not read, since it decides nothing about links.
 */
import {
  BACKSLASH,
  CARET,
  EXCLAMATION,
  GRAVE,
  isAlphanumeric,
  LEFT_BRACKET,
  LEFT_PAREN,
  LESS_THAN,
  RIGHT_BRACKET,
  RIGHT_PAREN,
} from '../text/ascii.ts';
import type { Span } from '../text/edit.ts';
import { HtmlReader } from './markdown-html.ts';
import {
  DestinationReader,
  footnoteLabelEnd,
  labelEnd,
  type MarkdownDestination,
  normalizeLabel,
  TitleReader,
} from './markdown-links.ts';
import { autolinkEnd, CodeSpanReader, LiteralReader } from './markdown-spans.ts';
import { isSpaceOrLineEnd, skipWhitespace } from './markdown-text.ts';

/** What the definitions of a document say. */
export interface References {
  readonly definitions: ReadonlyMap<string, MarkdownDestination>;
  /** The labels of footnotes. */
  readonly footnotes: ReadonlySet<string>;
}

export interface InlineParts {
  /** Offsets in the text. */
  readonly destinations: MarkdownDestination[];
  /** Of links and images that name one. */
  readonly definitions: MarkdownDestination[];
  readonly html: Span[];
  /** Attribute values without quotes in `html`. */
  readonly unquoted: Span[];
  /** Labels. */
  readonly footnotes: string[];
}

interface Opener {
  /** The index behind its `[`. */
  readonly end: number;
  readonly isImage: boolean;
  /** How much had been found before it. */
  readonly destinations: number;
  readonly definitions: number;
  readonly html: number;
  readonly unquoted: number;
}

/** What is behind the `]` of a link. */
interface Target {
  readonly end: number;
  readonly destination?: Span;
  readonly definition?: MarkdownDestination;
}

export function readInline(text: string, references: References): InlineParts {
  return new InlineReader(text, references).read();
}

class InlineReader {
  readonly #text: string;
  readonly #references: References;
  #codeSpans: CodeSpanReader | undefined;
  #targets: DestinationReader | undefined;
  #titles: TitleReader | undefined;
  #html: HtmlReader | undefined;
  #literals: LiteralReader | undefined;
  readonly #parts: InlineParts = { destinations: [], definitions: [], html: [], unquoted: [], footnotes: [] };
  readonly #openers: Opener[] = [];
  /** Of the openers below this index those of links are no more: links hold no links. */
  #inactive = 0;
  /** The index behind the last bracket. */
  #lastBracket = 0;

  constructor(text: string, references: References) {
    this.#text = text;
    this.#references = references;
  }

  get #hasLabels(): boolean {
    return this.#references.definitions.size > 0 || this.#references.footnotes.size > 0;
  }

  read(): InlineParts {
    for (let at = 0; at < this.#text.length; ) at = this.#step(at);
    return this.#parts;
  }

  #step(at: number): number {
    const text = this.#text;
    switch (text.charCodeAt(at)) {
      case BACKSLASH:
        return isPunctuation(text.charCodeAt(at + 1)) ? at + 2 : at + 1;
      case GRAVE:
        this.#codeSpans ??= new CodeSpanReader(text);
        return this.#codeSpans.read(at);
      case LESS_THAN:
        return this.#lessThan(at);
      case EXCLAMATION:
        return text.charCodeAt(at + 1) === LEFT_BRACKET ? this.#open(at + 2, true) : at + 1;
      case LEFT_BRACKET:
        return this.#footnote(at) ?? this.#open(at + 1, false);
      case RIGHT_BRACKET:
        return this.#close(at);
      case 0x48:
      case 0x68:
        return this.#literal(at, 'literal');
      case 0x57:
      case 0x77:
        return this.#literal(at, 'www-literal');
      default:
        return at + 1;
    }
  }

  #lessThan(at: number): number {
    const autolink = autolinkEnd(this.#text, at);
    if (autolink !== undefined) {
      this.#parts.destinations.push({ start: at + 1, end: autolink - 1, kind: 'autolink' });
      return autolink;
    }
    this.#html ??= new HtmlReader(this.#text);
    const end = this.#html.read(at, this.#parts.unquoted);
    if (end === undefined) return at + 1;
    this.#parts.html.push({ start: at, end });
    return end;
  }

  #literal(at: number, kind: 'literal' | 'www-literal'): number {
    // Between brackets that are still open it might be the text of a link.
    if (this.#openers.length > 0) return at + 1;
    this.#literals ??= new LiteralReader(this.#text);
    const end = kind === 'literal' ? this.#literals.readUrl(at) : this.#literals.readWww(at);
    if (end === undefined) return at + 1;
    this.#parts.destinations.push({ start: at, end, kind });
    return end;
  }

  #footnote(at: number): number | undefined {
    const text = this.#text;
    if (this.#references.footnotes.size === 0 || text.charCodeAt(at + 1) !== CARET) return undefined;
    const end = footnoteLabelEnd(text, at + 2, text.length);
    const label = end === undefined ? undefined : normalizeLabel(text.slice(at + 2, end));
    if (end === undefined || label === undefined || !this.#references.footnotes.has(label)) return undefined;
    this.#parts.footnotes.push(label);
    this.#lastBracket = end + 1;
    return end + 1;
  }

  #open(end: number, isImage: boolean): number {
    const { destinations, definitions, html, unquoted } = this.#parts;
    this.#openers.push({
      end,
      isImage,
      destinations: destinations.length,
      definitions: definitions.length,
      html: html.length,
      unquoted: unquoted.length,
    });
    this.#lastBracket = end;
    return end;
  }

  #close(at: number): number {
    const opener = this.#openers.pop();
    const isLabel = opener?.end === this.#lastBracket;
    this.#lastBracket = at + 1;
    if (opener === undefined) return at + 1;
    if (!opener.isImage && this.#openers.length < this.#inactive) {
      this.#inactive = Math.min(this.#inactive, this.#openers.length);
      return at + 1;
    }
    // A label holds no bracket, unless it is escaped.
    const label = isLabel && this.#hasLabels ? normalizeLabel(this.#text.slice(opener.end, at)) : undefined;
    const target = this.#target(at + 1, label);
    this.#inactive = Math.min(this.#inactive, this.#openers.length);
    if (target === undefined) {
      if (opener.isImage && label?.startsWith('^') && this.#references.footnotes.has(label.slice(1)))
        this.#parts.footnotes.push(label.slice(1));
      return at + 1;
    }
    if (opener.isImage) this.#dropSince(opener);
    else this.#inactive = this.#openers.length;
    if (target.destination !== undefined)
      this.#parts.destinations.push({ ...target.destination, kind: 'escaped', isImage: opener.isImage });
    if (target.definition !== undefined) this.#parts.definitions.push(target.definition);
    this.#lastBracket = target.end;
    return target.end;
  }

  /** Of what is in an image's description only the text is shown. */
  #dropSince({ destinations, definitions, html, unquoted }: Opener): void {
    this.#parts.destinations.length = destinations;
    this.#parts.definitions.length = definitions;
    this.#parts.html.length = html;
    this.#parts.unquoted.length = unquoted;
  }

  /** @param label - what is between the brackets, if it may be a label */
  #target(at: number, label: string | undefined): Target | undefined {
    const { definitions } = this.#references;
    const shortcut = label === undefined ? undefined : definitions.get(label);
    const collapsed = (end: number): Target | undefined => shortcut && { end, definition: shortcut };
    const next = this.#text.charCodeAt(at);
    if (next === LEFT_PAREN) return this.#resource(at) ?? collapsed(at);
    if (next !== LEFT_BRACKET) return collapsed(at);
    const close = labelEnd(this.#text, at);
    const named = close === undefined ? undefined : normalizeLabel(this.#text.slice(at + 1, close));
    const definition = named === undefined ? undefined : definitions.get(named);
    if (definition !== undefined) return { end: close! + 1, definition };
    return this.#text.charCodeAt(at + 1) === RIGHT_BRACKET ? collapsed(at + 2) : undefined;
  }

  /** `(destination "title")` */
  #resource(at: number): Target | undefined {
    const text = this.#text;
    const start = skipWhitespace(text, at + 1);
    if (text.charCodeAt(start) === RIGHT_PAREN) return { end: start + 1 };
    this.#targets ??= new DestinationReader(text);
    const destination = this.#targets.read(start);
    if (destination === undefined) return undefined;
    const behind = skipWhitespace(text, destination.end);
    const isClosed = text.charCodeAt(behind) === RIGHT_PAREN;
    if (!isClosed && behind === destination.end) return undefined;
    this.#titles ??= new TitleReader(text);
    const end = isClosed ? behind : this.#titles.read(behind)?.behind;
    if (end === undefined || text.charCodeAt(end) !== RIGHT_PAREN) return undefined;
    return { end: end + 1, destination: destination.span };
  }
}

/** Of ASCII. */
function isPunctuation(code: number): boolean {
  return code > 0x20 && code < 0x7f && !isAlphanumeric(code) && !isSpaceOrLineEnd(code);
}
