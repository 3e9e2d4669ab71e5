import { join } from 'node:path';

/** The folder of the repository. */
export const root: string = join(import.meta.dirname, '../..');

/** Where tsup writes the package: `npm test` builds its code first. */
export const builtFolder: string = join(root, 'dist');
