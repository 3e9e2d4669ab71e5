import { build } from 'esbuild';

const common = { bundle: true, jsx: 'automatic', format: 'esm', outdir: 'dist' };
await build({ ...common, entryPoints: ['server.jsx'], platform: 'node', packages: 'external' });
for (const mode of ['production', 'development']) {
  await build({
    ...common,
    entryPoints: { [`client.${mode}`]: 'client.jsx', [`album-client.${mode}`]: 'album-client.jsx' },
    define: { 'process.env.NODE_ENV': JSON.stringify(mode) },
    jsxDev: mode === 'development',
  });
}
