/** Before the first walk: what each needs is installed, the package is built and packed, and a Chromium is started for all. */
import { execFileSync } from 'node:child_process';
import { shareChromium } from '../support/browsers/chromium.ts';
import { install, walks } from '../support/package/install.ts';
import { sharePackedPackage } from '../support/package/projects.ts';

export default async function setUp(): Promise<() => Promise<void>> {
  for (const walk of walks) install(walk);
  execFileSync('npx', ['tsup', '--silent'], { stdio: 'inherit' });
  const removePackage = sharePackedPackage();
  // Without a browser the tests that ask for one fail, and say why; all others run.
  const browser = await shareChromium().catch(() => undefined);
  return async () => {
    removePackage();
    await browser?.close();
  };
}
