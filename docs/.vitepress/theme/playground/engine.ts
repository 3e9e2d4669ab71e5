/** The package, as the playground runs it in the browser. `loadEngine` loads it. */

export { explainUrl } from '../../../../src/diagnosis.ts';
export { ImageSignerError } from '../../../../src/errors.ts';
export { rewritePage } from './page.ts';
export { signerOf } from './signer.ts';
