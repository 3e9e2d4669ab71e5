/**
 * The entry `image-signer/testing`: for the tests of an app, which images of a page are signed; and for those of a token
 * scheme, the rules that the rest of the package relies on.
 */
export { checkScheme, type OracleExamples, type SchemeExamples } from './tools/testing/check-scheme.ts';
export { expectSignedImages, imagesIn, type PageImage } from './tools/testing/page-images.ts';
