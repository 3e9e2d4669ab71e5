/**
 * `npm run test:stores`: the schemes against the vendors' own libraries, and against servers that verify. `-- --write` makes
 * `test/vectors/stores.json` anew; words select stores by their titles; `COUNT` sets how many random images each gets, and
 * `SEED` tries the same again.
 */
import { install } from '../support/install.ts';

install('test/stores');
install('examples/bucket/local');
// They import the libraries.
const { walkStores, writeVectors } = await import('./walk.ts');
const isWriting = process.argv.includes('--write');
const selected = process.argv.slice(2).filter((word) => word !== '--write');
if (isWriting) await writeVectors();
process.exitCode = (await walkStores(selected)) ? 0 : 1;
