/** The parts of the package that the playground runs in the browser. `loadEngine` loads them. */

export { explainUrl } from '../../../../src/diagnosis.ts';
export { ImageSignerError } from '../../../../src/errors.ts';
export { rewritePage } from './page.ts';
export { signerOf } from './signer.ts';
