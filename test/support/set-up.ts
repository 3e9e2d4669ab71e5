/** Before the first test file: makes once, for the files that are to run, what several of them need. */
import type { TestProject } from 'vitest/node';
import { buildWhatIsOld } from './built-package.ts';
import { shareChromium } from './chromium.ts';
import { install } from './install.ts';
import { needsOf } from './needs.ts';
import { sharePackedPackage } from './package-projects.ts';
import { root } from './root.ts';

export default async function setUp(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  // Each project loads this file for itself, and calls it. The root is one of them in every run.
  if (!project.isRootProject()) return undefined;
  const { vitest } = project;
  // What was written behind `vitest run`.
  const { filenamePattern } = vitest as unknown as { readonly filenamePattern?: string[] };
  const files = await vitest.globTestSpecifications(filenamePattern);
  const needs = needsOf(root, [...new Set(files.map(({ moduleId }) => moduleId))]);
  for (const walk of needs.walks) install(walk);
  if (needs.build) await buildWhatIsOld();
  const removePackage = needs.tarball ? sharePackedPackage() : undefined;
  // Without a browser the files that ask for one fail, and say why; all others run.
  const browser = needs.browser ? await shareChromium().catch(() => undefined) : undefined;
  return async () => {
    removePackage?.();
    await browser?.close();
  };
}
