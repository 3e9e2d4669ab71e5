/** What the bundlers of apps make of the package. */
import { build } from 'esbuild';

/**
 * Bundles a module as an app does that goes to production: what nothing uses is dropped.
 * @param contents - the module, such as `export { createSigner } from 'image-signer';`
 * @param resolveDir - where its imports are found
 */
export async function bundleForProduction(contents: string, resolveDir: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir },
    bundle: true,
    minify: true,
    define: { 'process.env.NODE_ENV': '"production"' },
    write: false,
    format: 'esm',
    platform: 'node',
    legalComments: 'none',
    // Optional peers, of which the app has its own.
    external: ['hono', 'fastify', 'koa', 'sharp'],
  });
  return outputFiles[0]!.contents; // one entry
}
