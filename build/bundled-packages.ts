/** The packages that are bundled into the built files, so that an app installs only this one, and their licences. */
import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';

const packages = [
  { name: 'valibot', licenceFile: 'LICENSE.md' },
  { name: 'httpxy', licenceFile: 'LICENSE' },
] as const;
type Name = (typeof packages)[number]['name'];

export const bundledNames: Name[] = packages.map(({ name }) => name);

interface Licence {
  /** Such as `valibot 1.5.0 (MIT)`. */
  readonly title: string;
  readonly text: string;
}

const licences = Object.fromEntries(
  packages.map(({ name, licenceFile }) => {
    const folder = `node_modules/${name}`;
    const { version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as Record<
      'version' | 'license',
      string
    >;
    const text = readFileSync(`${folder}/${licenceFile}`, 'utf8').trim();
    return [name, { title: `${name} ${version} (${license})`, text }];
  }),
) as Record<Name, Licence>;

/** The text of `dist/third-party-licences.txt`. */
export const licenceList: string = [
  'This package contains parts of other packages:\n',
  ...Object.values(licences).map(({ title, text }) => `${title}\n\n${text}\n`),
].join('\n');

/** esbuild and apps' bundlers keep such a comment next to the code. */
function licenceComment(name: Name): string {
  const { title, text } = licences[name];
  return `/*!\n * Contains code of ${title}.\n *\n * ${text.replaceAll('\n', '\n * ')}\n */\n`;
}

/** Puts the licence of each package next to its code. */
export function bundledPackages(): Plugin {
  return {
    name: 'bundled-packages',
    setup(build) {
      for (const name of bundledNames) {
        const filter = new RegExp(`/node_modules/${name}/dist/index\\.mjs$`);
        build.onLoad({ filter }, ({ path }) => ({
          contents: licenceComment(name) + readFileSync(path, 'utf8'),
        }));
      }
    },
  };
}
