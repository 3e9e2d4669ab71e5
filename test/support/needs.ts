/** What test files need before they run, by what they import. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Modules that take something that is made once for a whole run. */
const makers = {
  build: 'test/support/built-package.ts',
  tarball: 'test/support/package-projects.ts',
  browser: 'test/support/chromium.ts',
} as const;

export type Needs = Readonly<Record<keyof typeof makers, boolean>>;

/** @param files - absolute paths */
export function needsOf(root: string, files: readonly string[]): Needs {
  const reached = new Set(files);
  for (const file of reached) for (const imported of importsOf(file)) reached.add(imported);
  const isReached = (maker: keyof typeof makers): boolean => reached.has(join(root, makers[maker]));
  const importsPackage = [...reached].some((file) =>
    /^(?:import|\}).* from 'image-signer['/]/m.test(readFileSync(file, 'utf8')),
  );
  return {
    build: importsPackage || isReached('build'),
    tarball: isReached('tarball'),
    browser: isReached('browser'),
  };
}

/** The modules of this repository that the file imports. A line in a text that looks like an import does no harm. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const names = text.matchAll(/\b(?:from|import)\s*\(?\s*'(\.[^']*\.ts)'/g);
  return Array.from(names, ([, name]) => join(dirname(file), name!)).filter((path) => existsSync(path));
}
