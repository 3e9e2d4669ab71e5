/** The entry point for Markdown in JSON. It takes nothing of the other entries but types. */
import { reader } from './markdown/rewriter.ts';
import type { TextReader } from './rewriting/options.ts';

export type { TextReader } from './rewriting/options.ts';

/**
 * Reads Markdown for the option `fields`: CommonMark 0.31 with the tables, footnotes and bare URLs of GitHub.
 * @example
 * ```ts
 * import { imageSigner } from 'image-signer';
 * import { markdown } from 'image-signer/markdown';
 *
 * imageSigner({ signer, rewrite: { json: true }, fields: { body: markdown } });
 * ```
 */
export const markdown: TextReader = reader;
