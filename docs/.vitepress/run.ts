/**
 * `npm run docs`: the API reference by TypeDoc, and the site by VitePress, in `docs/.vitepress/dist`. With `-- --serve` the
 * site is served once it is built, and with `-- --dev` while you write.
 */
import { spawnSync } from 'node:child_process';
import { install } from '../../build/install.ts';

const [mode] = process.argv.slice(2);
install('docs/.vitepress');
const isDone =
  run('typedoc/bin/typedoc', '--options', 'docs/.vitepress/typedoc.config.mjs') &&
  (mode === '--dev' ? run('vitepress/bin/vitepress.js', 'dev', 'docs') : build());
process.exitCode = isDone ? 0 : 1;

function build(): boolean {
  if (!run('vitepress/bin/vitepress.js', 'build', 'docs')) return false;
  console.log('The site is in docs/.vitepress/dist; `npm run docs -- --serve` serves it.');
  return mode !== '--serve' || run('vitepress/bin/vitepress.js', 'preview', 'docs');
}

function run(program: string, ...args: readonly string[]): boolean {
  return (
    spawnSync(process.execPath, [`docs/.vitepress/node_modules/${program}`, ...args], { stdio: 'inherit' })
      .status === 0
  );
}
