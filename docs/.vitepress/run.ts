/**
 * `npm run docs` writes the API reference (TypeDoc) and builds the site (VitePress) in `docs/.vitepress/dist`.
 * `-- --serve` also serves the built site; `-- --dev` serves the pages while you edit them.
 */
import { spawnSync } from 'node:child_process';
import { install } from '../../test/support/package/install.ts';

const [mode] = process.argv.slice(2);
install('docs/.vitepress');
const isDone =
  run('typedoc/bin/typedoc', '--options', 'docs/.vitepress/typedoc.config.mjs') &&
  (mode === '--dev' ? run('vitepress/bin/vitepress.js', 'dev', 'docs') : build());
process.exitCode = isDone ? 0 : 1;

function build(): boolean {
  if (!run('vitepress/bin/vitepress.js', 'build', 'docs')) return false;
  if (mode === '--serve') return run('vitepress/bin/vitepress.js', 'preview', 'docs');
  console.log('The site is in docs/.vitepress/dist. To build and serve it: npm run docs -- --serve');
  return true;
}

function run(program: string, ...args: readonly string[]): boolean {
  return (
    spawnSync(process.execPath, [`docs/.vitepress/node_modules/${program}`, ...args], { stdio: 'inherit' })
      .status === 0
  );
}
