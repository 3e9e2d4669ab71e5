/** Finds and edits the URLs in style sheets: in a `style` element, an attribute, or an SVG. */
import { unescapeReferences } from '../html/references.ts';
import { AMPERSAND } from '../text/ascii.ts';
import { type Edit, moveEdit, toSourceEdits, type UnescapedValue } from '../text/edit.ts';
import { type CssSink, CssUrlScanner } from '../values/css-scanner.ts';
import { unescapeCss } from '../values/css-syntax.ts';
import { editUrl } from './edit-url.ts';
import type { HtmlRewriterOptions } from './options.ts';

type CssRewriterOptions = Pick<
  HtmlRewriterOptions,
  'map' | 'prefilter' | 'extraTargets' | 'rewritesCss' | 'onTooLong'
>;

/**
 * Creates a scanner that adds the changes of a style sheet to `edits`.
 * @param at - where it begins
 */
export function createCssScanner(options: CssRewriterOptions, edits: Edit[], at: number): CssUrlScanner {
  return new CssUrlScanner(cssSink(options, edits), at);
}

/** The edits of complete CSS, such as a `style` attribute's. */
export function editCss(text: string, options: CssRewriterOptions): readonly Edit[] {
  const bytes = Buffer.from(text, 'latin1');
  const edits: Edit[] = [];
  createCssScanner(options, edits, 0).end(bytes, bytes.length);
  return edits;
}

function cssSink(options: CssRewriterOptions, edits: Edit[]): CssSink {
  return {
    customProperties: options.extraTargets.customProperties,
    url(bytes, start, end, quote) {
      if (!options.rewritesCss || options.prefilter.next(bytes, start, end) >= end) return;
      const unescaped = unescapeCss(bytes.toString('latin1', start, end), start, quote);
      const found = editUrl(unescaped, 0, unescaped.text.length, options.map);
      for (const edit of toSourceEdits(found, unescaped)) edits.push(edit);
    },
    tooLong: options.onTooLong,
  };
}

/**
 * Reads one SVG style sheet. Its text comes in runs, between tags and comments and within CDATA sections. A browser joins them into
 * one text, so the CSS scanner continues from run to run.
 */
export class SvgStyle {
  readonly #found: Edit[] = [];
  readonly #scanner: CssUrlScanner;
  /** The end of the previous run, if the next one decides what it means: half of `/*`, or a `#`. */
  #pending: Buffer = nothing;

  constructor(options: CssRewriterOptions) {
    this.#scanner = createCssScanner(options, this.#found, 0);
  }

  /** @returns the edits of the run [start, end); a URL that continues in another run gets none */
  read(bytes: Buffer, start: number, end: number, isCdata: boolean): readonly Edit[] {
    const run = bytes.subarray(start, end);
    // A CDATA section has no character references. Most other runs have none either, and are read without a copy.
    const own = isCdata || !run.includes(AMPERSAND) ? run : Buffer.from(unescapeRun(run, 0).text, 'latin1');
    const pending = this.#pending;
    const text = pending.length === 0 ? own : Buffer.concat([pending, own]);
    const scanner = this.#scanner;
    scanner.scan(text, text.length);
    scanner.abandon();
    const { heldFrom } = scanner;
    scanner.restart();
    // Copy: the app may reuse the chunk's memory.
    this.#pending = heldFrom === text.length ? nothing : Buffer.from(text.subarray(heldFrom));
    if (this.#found.length === 0) return this.#found; // saves two arrays: a page may have a run per tag
    const edits = this.#found
      .splice(0)
      .map((edit) => moveEdit(edit, -pending.length))
      .filter((edit) => edit.start >= 0);
    return isCdata
      ? edits.map((edit) => moveEdit(edit, start))
      : toSourceEdits(edits, unescapeRun(run, start));
  }
}

const nothing: Buffer = Buffer.alloc(0);

function unescapeRun(run: Buffer, start: number): UnescapedValue {
  return unescapeReferences(run.toString('latin1'), start, 'text', 0);
}
