/** String values of JSON -> edits, for islands in a page and for whole JSON bodies. It knows neither keys nor HTTP. */
import type { Edit } from '../edit.ts';
import { toSourceEdits } from '../unescaped-value.ts';
import { unescapeJson } from '../values/json-escapes.ts';
import { JsonStringScanner } from '../values/json-scanner.ts';
import { editUrl, type UrlMapper } from './edit-url.ts';
import type { LiteralPrefilter } from './literal-prefilter.ts';

export interface JsonRewriterOptions {
  readonly map: UrlMapper;
  readonly prefilter: LiteralPrefilter;
  readonly onTooLong: () => void;
}

/** A scanner that puts what is to change into `edits`. */
export function createJsonScanner(rewriting: JsonRewriterOptions, edits: Edit[]): JsonStringScanner {
  const stringValue = (bytes: Buffer, start: number, end: number): void => {
    edits.push(...editJsonString(bytes, start, end, rewriting));
  };
  return new JsonStringScanner({ stringValue, tooLong: rewriting.onTooLong }, 0);
}

/** The edits of one string, whose text stands from `start` to `end`; the whole of it must be the URL. */
export function editJsonString(
  bytes: Buffer,
  start: number,
  end: number,
  { map, prefilter }: JsonRewriterOptions,
): readonly Edit[] {
  const hasMark = prefilter.next(bytes, start, end) < end;
  const unescaped = hasMark ? unescapeJson(bytes.toString('latin1', start, end), start) : undefined;
  return unescaped === undefined
    ? []
    : toSourceEdits(editUrl(unescaped, 0, unescaped.text.length, map), unescaped);
}
