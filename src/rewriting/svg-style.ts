/**
 * A style sheet of SVG, whose text a page gives in runs: between tags and comments, and within CDATA sections. A browser
 * reads all of them as one text. It knows neither URLs nor what becomes of them.
 */

import { type Edit, moveEdit } from '../edit.ts';
import { unescapeReferences } from '../html/character-references.ts';
import { toSourceEdits } from '../unescaped-value.ts';
import { type CssSink, CssUrlScanner } from '../values/css-scanner.ts';

export class SvgStyle {
  readonly #found: Edit[] = [];
  readonly #scanner: CssUrlScanner;
  /** What the last run ended with, whose meaning the next one decides: half of `/*`, a `#`. */
  #rest: Buffer = Buffer.alloc(0);

  /** @param sinkFor - what reads URLs into the edits that it is given */
  constructor(sinkFor: (edits: Edit[]) => CssSink) {
    this.#scanner = new CssUrlScanner(sinkFor(this.#found), 0);
  }

  /** @returns the edits of a run that stands from `start` to `end`; of what reaches over its bounds there are none */
  read(bytes: Buffer, start: number, end: number, isCdata: boolean): readonly Edit[] {
    // References count in a run, and not in a section.
    const source = bytes.toString('latin1', start, end);
    const unescaped = isCdata ? undefined : unescapeReferences(source, start, 'text', 0);
    const rest = this.#rest;
    const own = Buffer.from(unescaped?.text ?? source, 'latin1');
    const text = rest.length === 0 ? own : Buffer.concat([rest, own]);
    this.#scanner.scan(text, text.length);
    this.#scanner.abandon();
    this.#rest = text.subarray(this.#scanner.heldFrom);
    this.#scanner.restart();
    if (this.#found.length === 0) return this.#found; // most runs, of which there may be one for each tag
    const edits = this.#found
      .splice(0)
      .map((edit) => moveEdit(edit, -rest.length))
      .filter((edit) => edit.start >= 0);
    return unescaped === undefined
      ? edits.map((edit) => moveEdit(edit, start))
      : toSourceEdits(edits, unescaped);
  }
}
