/**
 * Reads one character reference with the tables of `entities`. It is a file of its own so that the build can set the
 * tables up at the first reference: most apps start long before they need one.
 */
import { DecodingMode, EntityDecoder, htmlDecodeTree } from 'entities/decode';

/** In attributes fewer references are decoded than in text: `&copy=2` stays as it is. Markdown decodes those with `;`. */
export type ReferenceContext = 'attribute' | 'text' | 'markdown';

/** @returns how many characters of the source the reference has whose name begins at `at`, with its `&`; 0 if it is none. */
export type ReferenceReader = (source: string, at: number) => number;

/** @param emit - is called with what a reference stands for: once for each UTF-16 code unit if it is a named one */
export function referenceReader(
  context: ReferenceContext,
  emit: (codePoint: number) => void,
): ReferenceReader {
  const decoder = new EntityDecoder(htmlDecodeTree, emit);
  return (source, at) => {
    decoder.startEntity(modes[context]);
    const consumed = decoder.write(source, at);
    return consumed < 0 ? decoder.end() : consumed;
  };
}

const modes: Readonly<Record<ReferenceContext, DecodingMode>> = {
  attribute: DecodingMode.Attribute,
  text: DecodingMode.Legacy,
  markdown: DecodingMode.Strict,
};
