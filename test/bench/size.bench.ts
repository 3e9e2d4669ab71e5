/**
 * `npm run bench:size`: how large the package is, and what an app takes from it: bundled with all that it imports, minified,
 * and compressed. Nothing is asserted.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundleForProduction } from '../support/app-bundle.ts';
import { giveFigure } from './give-figure.ts';
import { table } from './rounds.ts';

const root = join(import.meta.dirname, '../..');

const [packed] = JSON.parse(
  execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, encoding: 'utf8' }),
) as [{ readonly size: number; readonly unpackedSize: number; readonly entryCount: number }];

/** By name, what an app writes. */
const apps: Readonly<Record<string, string>> = {
  express: "export { imageSigner } from './dist/index.js';",
  koa: "export { imageSigner } from './dist/koa.js';",
  fastify: "export { imageSigner } from './dist/fastify.js';",
  hono: "export { imageSigner } from './dist/hono.js';",
  fetch: "export { imageSigner } from './dist/fetch.js';",
  'signer alone': "export { createSigner } from './dist/index.js';",
  's3 alone': "export { s3 } from './dist/schemes.js';",
  'express with Markdown':
    "export { imageSigner } from './dist/index.js'; export { markdown } from './dist/markdown.js';",
  'fetch with s3': "export { imageSigner } from './dist/fetch.js'; export { s3 } from './dist/schemes.js';",
};

const kilobytes = (bytes: number): string => (bytes / 1_000).toFixed(0);
console.log(
  `packed: ${kilobytes(packed.size)} KB, unpacked: ${kilobytes(packed.unpackedSize)} KB, ${packed.entryCount} files\n`,
);
giveFigure(['size', 'packed'], packed.size / 1_000, 0, 'KB');
giveFigure(['size', 'unpacked'], packed.unpackedSize / 1_000, 0, 'KB');

const rows: string[][] = [];
for (const [name, contents] of Object.entries(apps)) {
  const bytes = await bundleForProduction(contents, root);
  const gzipped = gzipSync(bytes, { level: 9 }).length;
  rows.push([name, kilobytes(bytes.length), kilobytes(gzipped)]);
  giveFigure(['size', name, 'minified'], bytes.length / 1_000, 0, 'KB');
  giveFigure(['size', name, 'gzipped'], gzipped / 1_000, 0, 'KB');
}
console.log(table([['bundled, minified', 'KB', 'gzipped'], ...rows]));

// Built as visitors load it.
const client = gzipSync(readFileSync(join(root, 'dist/client.global.js')), { level: 9 }).length;
console.log(`\nthe client for browsers, gzipped: ${client} bytes`);
giveFigure(['size', 'client', 'gzipped'], client, 0, 'bytes');
