/** The package, as the playground runs it in the browser. `loadEngine` loads it. */

export { ImageSignerError } from '../../../../src/errors.ts';
export { explain } from '../../../../src/tools/diagnosis/explain.ts';
export { rewritePage } from './page.ts';
export { signerOf } from './signer.ts';
