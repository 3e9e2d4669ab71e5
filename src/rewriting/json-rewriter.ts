/** String values of JSON -> edits, for islands in a page and for whole JSON bodies. It knows neither keys nor HTTP. */
import { type Edit, toSource } from '../layer.ts';
import { JsonStringScanner } from '../values/json.ts';
import { unescapeJson } from '../values/json-text.ts';
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
  const layer = hasMark ? unescapeJson(bytes.toString('latin1', start, end), start) : undefined;
  return layer === undefined ? [] : toSource(editUrl(layer, 0, layer.text.length, map), layer);
}
