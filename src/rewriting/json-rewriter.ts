/** Turns the string values of JSON into edits, for JSON scripts in a page and for JSON bodies. */
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

/** Creates a scanner that adds the changes of a JSON body to `edits`. */
export function createJsonScanner(options: JsonRewriterOptions, edits: Edit[]): JsonStringScanner {
  const stringValue = (bytes: Buffer, start: number, end: number): void => {
    edits.push(...editJsonString(bytes, start, end, options));
  };
  return new JsonStringScanner({ stringValue, tooLong: options.onTooLong }, 0);
}

/** The edits of one string, which is [start, end) without its quotes. It changes only if all of it is a URL. */
export function editJsonString(
  bytes: Buffer,
  start: number,
  end: number,
  { map, prefilter }: JsonRewriterOptions,
): readonly Edit[] {
  const hasLiteral = prefilter.next(bytes, start, end) < end;
  const unescaped = hasLiteral ? unescapeJson(bytes.toString('latin1', start, end), start) : undefined;
  return unescaped === undefined
    ? []
    : toSourceEdits(editUrl(unescaped, 0, unescaped.text.length, map), unescaped);
}
