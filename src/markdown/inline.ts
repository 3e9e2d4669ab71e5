/**
 * The inline content of Markdown (CommonMark 0.31, section 6): the destinations of links and images, and the HTML in it.
 * Emphasis is not read, since it decides nothing about links.
 */
import { HtmlReader } from './html.ts';
import {
  autolinkEnd,
  BareUrlReader,
  DestinationReader,
  normalizeLabel,
  type Part,
  readFootnoteLabel,
  readLabel,
  TitleReader,
} from './links.ts';
import { skipWhitespace } from './text.ts';

/** The definitions of a document. */
interface References {
  readonly definitions: ReadonlyMap<string, Part>;
  /** The labels of footnotes. */
  readonly footnotes: ReadonlySet<string>;
}

interface InlineParts {
  /** Offsets in the source. Of a link or an image that names a definition it is the definition's destination. */
  readonly parts: readonly Part[];
  /** Labels. */
  readonly footnotes: readonly string[];
}

interface Opener {
  /** The index after its `[`. */
  readonly end: number;
  readonly isImage: boolean;
  /** How many parts had been found before it. */
  readonly parts: number;
}

/** The text after the `]` of a link. */
interface Target {
  readonly end: number;
  readonly destination?: Part | undefined;
}

/** @param start - where the text begins in the source */
export function readInline(text: string, start: number, references: References): InlineParts {
  const reader = new InlineReader(text, start, references);
  reader.read();
  return reader;
}

/** Characters that are more than text, or that keep others from being more. */
const special = /\\[!-/:-@[-`{-~]|[`<[\]]|!\[|https?:\/\/|www\./gi;

class InlineReader implements InlineParts {
  readonly parts: Part[] = [];
  readonly footnotes: string[] = [];
  readonly #text: string;
  readonly #start: number;
  readonly #references: References;
  #codeSpans: CodeSpanReader | undefined;
  #destinations: DestinationReader | undefined;
  #titles: TitleReader | undefined;
  #html: HtmlReader | undefined;
  #bareUrls: BareUrlReader | undefined;
  readonly #openers: Opener[] = [];
  /** Link openers below this index do not count any more, because links cannot contain links. */
  #inactive = 0;
  /** The index after the last bracket. */
  #lastBracket = 0;

  constructor(text: string, start: number, references: References) {
    this.#text = text;
    this.#start = start;
    this.#references = references;
  }

  read(): void {
    for (let at = 0; ; ) {
      special.lastIndex = at;
      const found = special.exec(this.#text);
      if (found === null) return;
      at = this.#readSpecial(found.index, found[0]);
    }
  }

  /** @returns the index to go on from */
  #readSpecial(at: number, found: string): number {
    switch (found) {
      case '`':
        this.#codeSpans ??= new CodeSpanReader(this.#text);
        return this.#codeSpans.read(at);
      case '<':
        return this.#lessThan(at);
      case '![':
        return this.#open(at + 2, true);
      case '[':
        return this.#footnote(at) ?? this.#open(at + 1, false);
      case ']':
        return this.#close(at);
      default:
        return found.startsWith('\\') ? at + 2 : this.#bareUrl(at);
    }
  }

  #partOf(kind: Part['kind'], start: number, end: number, isImage = false): Part {
    const from = this.#start;
    return { kind, start: from + start, end: from + end, isImage, textEnd: from + this.#text.length };
  }

  #lessThan(at: number): number {
    const autolink = autolinkEnd(this.#text, at);
    if (autolink !== undefined) {
      this.parts.push(this.#partOf('autolink', at + 1, autolink - 1));
      return autolink;
    }
    this.#html ??= new HtmlReader(this.#text);
    const end = this.#html.read(at);
    if (end === undefined) return at + 1;
    this.parts.push(this.#partOf('html', at, end));
    return end;
  }

  #bareUrl(at: number): number {
    // Between brackets that are still open it might be the text of a link.
    if (this.#openers.length > 0) return at + 1;
    this.#bareUrls ??= new BareUrlReader(this.#text);
    const end = this.#bareUrls.read(at);
    if (end === undefined) return at + 1;
    this.parts.push(this.#partOf('bare', at, end));
    return end;
  }

  #footnote(at: number): number | undefined {
    const { footnotes } = this.#references;
    const label = footnotes.size === 0 ? undefined : readFootnoteLabel(this.#text, at);
    if (label === undefined || !footnotes.has(label.name)) return undefined;
    this.footnotes.push(label.name);
    this.#lastBracket = label.end;
    return label.end;
  }

  #open(end: number, isImage: boolean): number {
    this.#openers.push({ end, isImage, parts: this.parts.length });
    this.#lastBracket = end;
    return end;
  }

  #close(at: number): number {
    const opener = this.#openers.pop();
    const isLabel = opener?.end === this.#lastBracket;
    this.#lastBracket = at + 1;
    if (opener === undefined) return at + 1;
    const isInactive = !opener.isImage && this.#openers.length < this.#inactive;
    this.#inactive = Math.min(this.#inactive, this.#openers.length);
    if (isInactive) return at + 1;
    // A label holds no bracket, unless it is escaped.
    const label = isLabel ? this.#labelOf(opener.end, at) : undefined;
    const target = this.#target(at + 1, label, opener.isImage);
    if (target === undefined) {
      if (opener.isImage && label?.startsWith('^') && this.#references.footnotes.has(label.slice(1)))
        this.footnotes.push(label.slice(1));
      return at + 1;
    }
    // Only the text of an image's description is shown.
    if (opener.isImage) this.parts.length = opener.parts;
    else this.#inactive = this.#openers.length;
    const { destination } = target;
    if (destination !== undefined) this.parts.push(destination);
    this.#lastBracket = target.end;
    return target.end;
  }
  /** The label between two brackets, which could name a definition or a footnote. */
  #labelOf(start: number, end: number): string | undefined {
    const { definitions, footnotes } = this.#references;
    return definitions.size + footnotes.size > 0 ? normalizeLabel(this.#text.slice(start, end)) : undefined;
  }

  /** @param label - what is between the brackets, if it may be a label */
  #target(at: number, label: string | undefined, isImage: boolean): Target | undefined {
    const { definitions } = this.#references;
    const shortcut = label === undefined ? undefined : definitions.get(label);
    const collapsed = (end: number): Target | undefined => shortcut && { end, destination: shortcut };
    const next = this.#text[at];
    if (next === '(') return this.#resource(at, isImage) ?? collapsed(at);
    if (next !== '[') return collapsed(at);
    const named = definitions.size === 0 ? undefined : readLabel(this.#text, at);
    const destination = named && definitions.get(named.name);
    if (destination !== undefined) return { end: named!.end, destination };
    return this.#text[at + 1] === ']' ? collapsed(at + 2) : undefined;
  }

  /** `(destination "title")` */
  #resource(at: number, isImage: boolean): Target | undefined {
    const text = this.#text;
    const start = skipWhitespace(text, at + 1);
    if (text[start] === ')') return { end: start + 1 };
    this.#destinations ??= new DestinationReader(text);
    const found = this.#destinations.read(start);
    if (found === undefined) return undefined;
    let end: number | undefined = skipWhitespace(text, found.behind);
    if (text[end] !== ')') {
      if (end === found.behind) return undefined;
      this.#titles ??= new TitleReader(text);
      end = this.#titles.read(end)?.behind;
      if (end === undefined || text[end] !== ')') return undefined;
    }
    return { end: end + 1, destination: this.#partOf('escaped', found.start, found.end, isImage) };
  }
}

const backticks = /`+/g;

class CodeSpanReader {
  readonly #text: string;
  /** By length, where runs of backticks begin, the last first. */
  readonly #runs: Map<number, number[]> = new Map();

  constructor(text: string) {
    this.#text = text;
    for (const { 0: run, index } of Array.from(text.matchAll(backticks)).reverse()) {
      const starts = this.#runs.get(run.length);
      if (starts === undefined) this.#runs.set(run.length, [index]);
      else starts.push(index);
    }
  }

  /** @returns the index after the code span, or behind the backticks if nothing closes them */
  read(at: number): number {
    let open = at;
    while (this.#text[open] === '`') open++;
    const length = open - at;
    const starts = this.#runs.get(length) ?? [];
    while ((starts.at(-1) ?? at) < open && starts.length > 0) starts.pop();
    return (starts.at(-1) ?? at) + length;
  }
}
