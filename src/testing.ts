/**
 * The entry `image-signer/testing`: holds a token scheme to the rules that the rest of the package relies on.
 */
export { checkScheme } from './tools/testing/check-scheme.ts';
export type { SchemeExamples } from './tools/testing/examples.ts';
