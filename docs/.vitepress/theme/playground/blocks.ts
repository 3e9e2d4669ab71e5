/** Cuts a marked page into blocks of lines, so that a browser only lays out blocks that change or are in view. */
import type { Kind } from './outcome.ts';

/** In bytes. */
export interface Mark {
  readonly start: number;
  readonly end: number;
  readonly kind: Kind;
}

export interface Segment {
  readonly text: string;
  /** Undefined between the marks. */
  readonly kind: Kind | undefined;
}

export interface Block {
  readonly segments: readonly Segment[];
  /** Equal for two blocks that look alike. */
  readonly signature: string;
}

/** In characters: a block ends at the first line end after them. */
const blockLength = 4_000;

/**
 * @param text - the same page
 * @param marks - in order, without overlaps
 */
export function blocksOf(page: Buffer, text: string, marks: readonly Mark[]): Block[] {
  const isAscii = text.length === page.length;
  const cut = (start: number, end: number): string =>
    isAscii ? text.slice(start, end) : page.toString('utf8', start, end);
  const blocks: Block[] = [];
  let segments: Segment[] = [];
  let length = 0;
  const endBlock = (): void => {
    blocks.push({ segments, signature: segments.map(({ kind, text }) => `${kind} ${text}`).join('\0') });
    segments = [];
    length = 0;
  };
  const add = (added: string, kind?: Kind): void => {
    let rest = added;
    for (;;) {
      const lineEnd = rest.indexOf('\n', Math.max(0, blockLength - length));
      if (kind !== undefined || lineEnd < 0) break;
      // Every block starts on its own line, so the line end is not shown.
      segments.push({ text: rest.slice(0, lineEnd), kind });
      endBlock();
      rest = rest.slice(lineEnd + 1);
    }
    if (rest !== '') segments.push({ text: rest, kind });
    length += rest.length;
  };
  let at = 0;
  for (const { start, end, kind } of marks) {
    add(cut(at, start));
    add(cut(start, end), kind);
    at = end;
  }
  add(cut(at, page.length));
  endBlock();
  return blocks;
}
