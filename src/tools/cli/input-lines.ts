/** The lines of a byte stream, one at a time, however long they are and wherever a chunk ends. */

/** Twice the longest URL that is signed, in UTF-16 code units. The rest of a longer line is dropped: it is no URL. */
export const maxLineLength: number = 32_768;

/** Lines of UTF-8 without white space around them; empty ones are left out. */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let line = '';
  for await (const chunk of chunks) {
    const parts = decoder.decode(chunk, { stream: true }).split('\n');
    for (const [index, part] of parts.entries()) {
      line += part.slice(0, maxLineLength - line.length);
      if (index === parts.length - 1) continue;
      if (line.trim() !== '') yield line.trim();
      line = '';
    }
  }
  if (line.trim() !== '') yield line.trim();
}
