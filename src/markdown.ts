/** The entry point for Markdown in JSON: a reader for the option `fields`. It takes nothing of the other entries but types. */
export { markdown } from './markdown/rewriter.ts';
export type { TextReader } from './rewriting/rewriter-options.ts';
