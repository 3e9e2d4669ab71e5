/** What test files need before they run, by what they import. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** Modules that take something that is made once for a whole run. */
const makers = {
  build: 'test/support/built-package.ts',
  tarball: 'test/support/package-projects.ts',
  browser: 'test/support/chromium.ts',
} as const;

export interface Needs extends Readonly<Record<keyof typeof makers, boolean>> {
  /** Folders whose own packages these files take. */
  readonly walks: readonly string[];
}

/** @param files - absolute paths */
export function needsOf(root: string, files: readonly string[]): Needs {
  const reached = new Set(files);
  for (const file of reached) for (const imported of importsOf(file)) reached.add(imported);
  const isReached = (maker: keyof typeof makers): boolean => reached.has(join(root, makers[maker]));
  const importsPackage = [...reached].some((file) =>
    /^(?:import|\}).* from 'image-signer['/]/m.test(readFileSync(file, 'utf8')),
  );
  const walks = [...reached].map((file) => walkOf(root, file)).filter((walk) => walk !== undefined);
  return {
    walks: [...new Set(walks)],
    build: importsPackage || isReached('build'),
    tarball: isReached('tarball'),
    browser: isReached('browser'),
  };
}

/** The folder of the file, or one around it, that has a package which the file names. */
function walkOf(root: string, file: string): string | undefined {
  let folder = dirname(file);
  while (folder !== root && !existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  if (folder === root) return undefined;
  const text = readFileSync(join(folder, 'package.json'), 'utf8');
  const { dependencies = {} } = JSON.parse(text) as { dependencies?: Record<string, string> };
  const code = readFileSync(file, 'utf8');
  const isTaken = Object.keys(dependencies).some(
    (name) => code.includes(` from '${name}`) || code.includes(`.resolve('${name}`),
  );
  return isTaken ? relative(root, folder) : undefined;
}

/** The modules of this repository that the file imports. A line in a text that looks like an import does no harm. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const names = text.matchAll(/\b(?:from|import)\s*\(?\s*'(\.[^']*\.ts)'/g);
  return Array.from(names, ([, name]) => join(dirname(file), name!)).filter((path) => existsSync(path));
}
