/** The entry point for Markdown in JSON. It imports only types from the other entries. */
import { reader } from './markdown/rewriter.ts';
import type { TextReader } from './rewriting/options.ts';

export type { TextReader } from './rewriting/options.ts';

/**
 * Reads Markdown for the option `fields`: CommonMark 0.31 with GitHub's tables, footnotes and bare URLs.
 * @example
 * ```ts
 * import { imageSigner } from 'image-signer';
 * import { markdown } from 'image-signer/markdown';
 *
 * imageSigner({ signer, rewrite: { json: true }, fields: { body: markdown } });
 * ```
 */
export const markdown: TextReader = reader;
