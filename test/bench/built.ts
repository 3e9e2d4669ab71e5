/**
 * The package as users run it: a compiler on the fly adds work of its own to every function that is made. `DIST` names the
 * folder of another build, to compare two.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** @param Entry - the type of the entry's source */
export function load<Entry>(entry: string): Promise<Entry> {
  const folder = resolve(import.meta.dirname, '../..', process.env['DIST'] ?? 'dist');
  return import(pathToFileURL(resolve(folder, `${entry}.js`)).href) as Promise<Entry>;
}

const built: typeof import('../../src/index.ts') = await load('index');
export const createSigner: typeof built.createSigner = built.createSigner;
export const imageSigner: typeof built.imageSigner = built.imageSigner;
