/** How large the package is, and what an app takes from it: bundled with all that it imports, minified, and compressed. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundleForProduction } from '../support/package/app-bundle.ts';
import { root } from '../support/root.ts';
import { giveFigure } from './give-figure.ts';
import { print } from './rounds.ts';

/** By name, the entries of the package from which an app takes what it names. */
const apps: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  express: { index: 'imageSigner' },
  koa: { koa: 'imageSigner' },
  fastify: { fastify: 'imageSigner' },
  hono: { hono: 'imageSigner' },
  fetch: { fetch: 'imageSigner' },
  'signer alone': { index: 'createSigner' },
  's3 alone': { schemes: 's3' },
  'express with Markdown': { index: 'imageSigner', markdown: 'markdown' },
  'fetch with s3': { fetch: 'imageSigner', schemes: 's3' },
};

function sizeOf(name: string, figure: string, bytes: number): string {
  giveFigure(['size', name, figure].filter(Boolean), bytes / 1_000, 0, 'KB');
  return (bytes / 1_000).toFixed(0);
}

const gzipped = (bytes: Uint8Array): number => gzipSync(bytes, { level: 9 }).length;
const pack = ['pack', '--dry-run', '--json', '--ignore-scripts'];
const [packed] = JSON.parse(execFileSync('npm', pack, { cwd: root, encoding: 'utf8' })) as [
  { readonly size: number; readonly unpackedSize: number },
];
const rows = [
  ['KB', 'unpacked, or minified', 'packed, or gzipped'],
  ['the package', sizeOf('', 'unpacked', packed.unpackedSize), sizeOf('', 'packed', packed.size)],
];
for (const [name, entries] of Object.entries(apps)) {
  const imports = Object.entries(entries).map(
    ([entry, what]) => `export { ${what} } from './dist/${entry}.js';`,
  );
  const bytes = await bundleForProduction(imports.join(''), root);
  rows.push([name, sizeOf(name, 'minified', bytes.length), sizeOf(name, 'gzipped', gzipped(bytes))]);
}
print('the package, and what an app bundles of it', rows);

const client = gzipped(readFileSync(join(root, 'dist/client.global.js'))); // built as visitors load it
console.log(`\nthe client for browsers, gzipped: ${client} bytes`);
giveFigure(['size', 'client', 'gzipped'], client, 0, 'bytes');
