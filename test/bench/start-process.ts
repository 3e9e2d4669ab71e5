/**
 * A fresh process: what importing a module takes, and then, if it is the package, its first page. The modules of Node.js that
 * every server has are there before.
 */
import 'node:crypto';
import 'node:http';
import 'node:stream';
import 'node:zlib';
import { products, shopPage, variants } from '../support/shop.ts';

export interface Start {
  readonly import: number;
  /** Undefined for a module without a signer. */
  readonly firstPage: number | undefined;
}

const [, , module = '', query = ''] = process.argv;
/** 100 KB with 60 images. `query` is put behind their URLs in tags. */
const page = shopPage(products(1, 60, 1_000)).replace(/(src="[^"]*)"/g, `$1${query}"`);

const begun = milliseconds();
const { createSigner } = (await import(module)) as Partial<typeof import('../../src/index.ts')>;
const imported = milliseconds();
const out = createSigner?.({ key: 'a-signing-key-of-the-usual-length', ttl: '1d', variants }).rewriteHtml(
  page,
);
const done = milliseconds();
if (createSigner !== undefined && !out?.includes('sig=')) throw new Error('the page is not signed');
const start: Start = {
  import: imported - begun,
  firstPage: out === undefined ? undefined : done - imported,
};
process.send!(start);

/** Of CPU time: others on the machine make it no longer. */
function milliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
