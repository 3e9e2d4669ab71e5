/**
 * A fresh process: what importing a module takes, and then, if it is the package, its first page. The modules of Node.js that
 * every server has are there before.
 */
import 'node:crypto';
import 'node:http';
import 'node:stream';
import 'node:zlib';
import { products, shopPage, variants } from '../support/servers/shop.ts';

const [, , module = ''] = process.argv;
/** 100 KB with 60 images. */
const page = shopPage(products(1, 60, 1_000));

const begun = milliseconds();
const { createSigner } = (await import(module)) as Partial<typeof import('../../src/index.ts')>;
const imported = milliseconds();
const signer = createSigner?.({ key: 'a-signing-key-of-the-usual-length', ttl: '1d', variants });
const out = signer?.rewriteHtml(page) ?? '';
if (signer !== undefined && !out.includes('sig=')) throw new Error('the page is not signed');
process.send!([imported - begun, milliseconds() - imported]);

/** Of CPU time: others on the machine make it no longer. */
function milliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
