/**
 * The entry `image-signer/testing`: holds a token scheme to the rules that the rest of the package relies on.
 */
export { checkScheme, type OracleExamples, type SchemeExamples } from './tools/testing/check-scheme.ts';
