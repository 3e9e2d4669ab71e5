/** A rewriter of JSON, events and parts that puts `#` behind each URL: what it finds can be seen. */
import { reader } from '../../src/markdown/rewriter.ts';
import { ByteRewriter } from '../../src/rewriting/byte-rewriter.ts';
import { LiteralPrefilter } from '../../src/rewriting/literal-prefilter.ts';
import { createDataScanner, type DataKind, editNestedText } from '../../src/rewriting/nesting.ts';
import type { HtmlRewriterOptions, TextKind } from '../../src/rewriting/options.ts';
import type { Edit } from '../../src/text/edit.ts';

/** @param onTooLong - called for what passes because of its length */
export function dataRewriter(kind: DataKind, onTooLong: () => void = () => {}): ByteRewriter {
  const edits: Edit[] = [];
  return new ByteRewriter(createDataScanner(marking(onTooLong), edits, kind), edits, (error) => {
    throw error;
  });
}

export function marking(onTooLong: () => void = () => {}): HtmlRewriterOptions {
  return {
    map: (text) => (text.startsWith('https://imagedelivery.net/') ? `${text}#` : undefined),
    isStable: () => true,
    values: undefined,
    prefilter: new LiteralPrefilter(['imagedelivery']),
    extraTargets: {
      attributes: new Map(),
      scripts: new Map(),
      customProperties: new Set<string>(),
      fields: new Map<string, TextKind>([
        ['content', 'html'],
        ['body', reader],
        ['nested', 'json'],
      ]),
    },
    rewritesCss: true,
    editText: editNestedText,
    onCached: () => {},
    onTooLong,
    onScriptState: undefined,
  };
}
