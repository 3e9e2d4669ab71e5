/** The package, as the playground runs it in the browser. `loadEngine` loads it. */
export { explain } from '../../../../src/diagnosis/explain.ts';
export { ImageSignerError } from '../../../../src/errors.ts';
export { rewritePage } from './page.ts';
export { signerOf } from './signer.ts';
