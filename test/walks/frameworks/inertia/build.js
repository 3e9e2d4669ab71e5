import { build } from 'esbuild';

const common = {
  bundle: true,
  jsx: 'automatic',
  format: 'esm',
  define: { 'process.env.NODE_ENV': '"production"' },
};
for (const [version, name] of Object.entries({ 2: 'inertia2', 3: '@inertiajs/react' }))
  await build({
    ...common,
    entryPoints: ['client.jsx'],
    outfile: `public/client${version}.js`,
    alias: { '#inertia': name },
  });
await build({
  ...common,
  entryPoints: ['ssr.jsx'],
  outfile: 'dist/ssr.js',
  platform: 'node',
  packages: 'external',
  alias: { '#inertia': '@inertiajs/react' },
});
