/**
 * `npm run test:walks -- proxies`: the package among other servers. An nginx with `secure_link` judges the URLs of `nginxSecureLink`,
 * and HAProxy and Varnish those of their recipes; sites of other languages stand behind `image-signer proxy`; and nginx and
 * Varnish cache the example gallery, over three token steps in real time: no visitor may get a page with a dead image.
 * `SEED` sets the moments; `-- django wordpress` runs these parts alone. A part whose programs this machine lacks counts as failed.
 */
import { execFileSync } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Account } from './account.ts';
import { sitesBehindProxy } from './any-site/any-site.ts';
import { cachedGallery } from './cached-gallery.ts';
import { nginxInFront } from './nginx-in-front.ts';
import { missingPackages, type Part } from './part.ts';
import type { RunningProgram } from './process.ts';
import { recipes } from './recipes.ts';
import { secureLink } from './secure-link.ts';

execFileSync('npx', ['tsup', '--no-dts', '--silent'], { stdio: 'inherit' });
const parts: readonly Part[] = [secureLink, recipes, ...sitesBehindProxy(), nginxInFront, cachedGallery];
const names = process.argv.slice(2);
const unknown = names.filter((name) => parts.every((part) => part.name !== name));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', no ')}: ${parts.map(({ name }) => name).join(', ')}`);
  process.exit(1);
}
const chosen = names.length === 0 ? parts : parts.filter(({ name }) => names.includes(name));
const missing = [...new Set(chosen.flatMap(missingPackages))];
if (missing.length > 0) console.error(`Some parts need more: apt-get install ${missing.join(' ')}`);

const closing = new AbortController();
// Every request and every wait of every visitor hears of the end, and every program ends with this process.
setMaxListeners(0, closing.signal, process);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => closing.abort());
const folder = await mkdtemp(join(tmpdir(), 'image-signer-proxies-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const running: RunningProgram[] = [];
try {
  process.exitCode = (await run(new Account(), closing.signal)) ? 0 : 1;
} catch (error) {
  if (!closing.signal.aborted) throw error;
  console.error('Broken off.');
  process.exitCode = 130;
} finally {
  await Promise.all(running.map((program) => program.stop()));
}

async function run(account: Account, signal: AbortSignal): Promise<boolean> {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  account.note(`seed ${seed}: run again with SEED=${seed}`);
  for (const part of chosen) {
    const lacking = missingPackages(part);
    if (lacking.length > 0) account.check(`${part.name} runs`, false, [`It needs ${lacking.join(' and ')}.`]);
    else await part.run({ account, folder, running, seed, closing: signal });
  }
  return account.close();
}
