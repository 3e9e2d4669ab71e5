/** The package as users run it: a compiler on the fly adds work of its own to every function that is made. */
const built = (await import(
  new URL('../../dist/index.js', import.meta.url).href
)) as typeof import('../../src/index.ts');

export const createSigner: typeof built.createSigner = built.createSigner;
export const imageSigner: typeof built.imageSigner = built.imageSigner;
