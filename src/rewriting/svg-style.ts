/**
 * Reads one SVG style sheet. In the page its text comes in runs, between tags and comments and within CDATA sections; a
 * browser joins them into one text, so the CSS scanner continues from run to run.
 */
import { type Edit, moveEdit } from '../edit.ts';
import { unescapeReferences } from '../html/character-references.ts';
import { toSourceEdits } from '../unescaped-value.ts';
import { type CssSink, CssUrlScanner } from '../values/css-scanner.ts';

export class SvgStyle {
  readonly #found: Edit[] = [];
  readonly #scanner: CssUrlScanner;
  /** The end of the previous run, if the next one decides what it means: half of `/*`, or a `#`. */
  #pending: Buffer = Buffer.alloc(0);

  /** @param createSink - creates a sink that adds the changes of URLs to the given edits */
  constructor(createSink: (edits: Edit[]) => CssSink) {
    this.#scanner = new CssUrlScanner(createSink(this.#found), 0);
  }

  /** @returns the edits of the run [start, end); a URL that continues in another run gets none */
  read(bytes: Buffer, start: number, end: number, isCdata: boolean): readonly Edit[] {
    // Character references are not decoded within a CDATA section.
    const source = bytes.toString('latin1', start, end);
    const unescaped = isCdata ? undefined : unescapeReferences(source, start, 'text', 0);
    const pending = this.#pending;
    const own = Buffer.from(unescaped?.text ?? source, 'latin1');
    const text = pending.length === 0 ? own : Buffer.concat([pending, own]);
    this.#scanner.scan(text, text.length);
    this.#scanner.abandon();
    this.#pending = text.subarray(this.#scanner.heldFrom);
    this.#scanner.restart();
    if (this.#found.length === 0) return this.#found; // saves two arrays: a page may have a run for each tag
    const edits = this.#found
      .splice(0)
      .map((edit) => moveEdit(edit, -pending.length))
      .filter((edit) => edit.start >= 0);
    return unescaped === undefined
      ? edits.map((edit) => moveEdit(edit, start))
      : toSourceEdits(edits, unescaped);
  }
}
