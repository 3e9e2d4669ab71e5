/**
 * Reads one SVG style sheet. In the page its text comes in runs, between tags and comments and within CDATA sections; a
 * browser joins them into one text, so the CSS scanner continues from run to run.
 */

import { unescapeReferences } from '../html/character-references.ts';
import { AMPERSAND } from '../text/ascii.ts';
import { type Edit, moveEdit } from '../text/edit.ts';
import { toSourceEdits, type UnescapedValue } from '../text/unescaped-value.ts';
import { type CssSink, CssUrlScanner } from '../values/css-scanner.ts';

export class SvgStyle {
  readonly #found: Edit[] = [];
  readonly #scanner: CssUrlScanner;
  /** The end of the previous run, if the next one decides what it means: half of `/*`, or a `#`. */
  #pending: Buffer = nothing;

  /** @param createSink - creates a sink that adds the changes of URLs to the given edits */
  constructor(createSink: (edits: Edit[]) => CssSink) {
    this.#scanner = new CssUrlScanner(createSink(this.#found), 0);
  }

  /** @returns the edits of the run [start, end); a URL that continues in another run gets none */
  read(bytes: Buffer, start: number, end: number, isCdata: boolean): readonly Edit[] {
    const run = bytes.subarray(start, end);
    // Character references are not decoded within a CDATA section. Most runs have none, and are read as they are.
    const own = isCdata || !run.includes(AMPERSAND) ? run : Buffer.from(unescapeRun(run, 0).text, 'latin1');
    const pending = this.#pending;
    const text = pending.length === 0 ? own : Buffer.concat([pending, own]);
    const scanner = this.#scanner;
    scanner.scan(text, text.length);
    scanner.abandon();
    const { heldFrom } = scanner;
    scanner.restart();
    // A copy: the chunk is the app's, which may reuse its memory.
    this.#pending = heldFrom === text.length ? nothing : Buffer.from(text.subarray(heldFrom));
    if (this.#found.length === 0) return this.#found; // saves two arrays: a page may have a run for each tag
    const edits = this.#found
      .splice(0)
      .map((edit) => moveEdit(edit, -pending.length))
      .filter((edit) => edit.start >= 0);
    return isCdata
      ? edits.map((edit) => moveEdit(edit, start))
      : toSourceEdits(edits, unescapeRun(run, start));
  }
}

const nothing: Buffer = /* @__PURE__ */ Buffer.alloc(0);

function unescapeRun(run: Buffer, start: number): UnescapedValue {
  return unescapeReferences(run.toString('latin1'), start, 'text', 0);
}
