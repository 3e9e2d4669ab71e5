/**
 * Reads one character reference with the tables of `entities`. It is a file of its own so that the build can set the
 * tables up at the first reference that needs them: most apps never meet one.
 */
import { DecodingMode, EntityDecoder, htmlDecodeTree } from 'entities/decode';

/** In attributes fewer references are decoded than in text: `&copy=2` stays as it is. Markdown decodes those with `;`. */
export type ReferenceContext = 'attribute' | 'text' | 'markdown';

export interface Reference {
  /** How many characters of the source it has, with its `&`. */
  readonly length: number;
  /** What it stands for. */
  readonly text: string;
}

/**
 * @param at - of the `&`
 * @returns undefined if it begins no reference
 */
export function readReference(source: string, at: number, context: ReferenceContext): Reference | undefined {
  text = '';
  decoder.startEntity(modes[context]);
  const consumed = decoder.write(source, at + 1);
  const length = consumed < 0 ? decoder.end() : consumed;
  return length > 0 ? { length, text } : undefined;
}

let text = '';
/** It is called once for each UTF-16 code unit if the reference is a named one. */
const decoder = /* @__PURE__ */ new EntityDecoder(htmlDecodeTree, (codePoint) => {
  text += String.fromCodePoint(codePoint);
});

const modes: Readonly<Record<ReferenceContext, DecodingMode>> = {
  attribute: DecodingMode.Attribute,
  text: DecodingMode.Legacy,
  markdown: DecodingMode.Strict,
};
