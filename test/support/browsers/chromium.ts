/**
 * Finds a Chromium: the one that `CHROMIUM_PATH` names, the one from npm, or an installed one. A test run starts it once
 * (`walks/set-up.ts`), and each file that asks for it connects with a session of its own.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserServer, chromium, type LaunchOptions } from 'playwright-core';

/** Where the browser of a test run listens: the files of the run are processes of their own. */
const addressVariable = 'IMAGE_SIGNER_TEST_CHROMIUM';

/** Web security stays on: what these pages do is seen under the rules that visitors' browsers keep. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const installedAt = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/usr/bin/microsoft-edge',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
];

/** A browser of its own, or a session with the one of the test run. To close a session closes its pages alone. */
export async function launchChromium(): Promise<Browser> {
  const address = process.env[addressVariable];
  return address === undefined ? chromium.launch(await launchOptions()) : chromium.connect(address);
}

/** Starts the browser of a test run: what this process starts from now on connects to it. */
export async function shareChromium(): Promise<BrowserServer> {
  const server = await chromium.launchServer(await launchOptions());
  process.env[addressVariable] = server.wsEndpoint();
  return server;
}

async function launchOptions(): Promise<LaunchOptions> {
  return { executablePath: await findChromium(), args: flags };
}

async function findChromium(): Promise<string> {
  const named = process.env['CHROMIUM_PATH'];
  if (named) return named;
  // The version that the tests were written with comes before one that changes with the machine.
  if (process.platform === 'linux' && process.arch === 'x64') return unpackedFromNpm();
  const installed = installedAt.find((path) => existsSync(path));
  if (installed !== undefined) return installed;
  throw new Error('No Chromium was found. Install one, or name it: CHROMIUM_PATH=/path/to/chromium npm test');
}

/**
 * The package unpacks itself into the temporary folder, and takes what lies there for whole. So it is given a folder
 * of its own, which gets its real name once it is finished: neither a run that was broken off nor one beside this
 * can leave half a browser.
 */
async function unpackedFromNpm(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium'); // build/cjs/index.cjs
  const manifest = await readFile(join(dirname(entry), '../../package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  const cache = fileURLToPath(new URL('../../../node_modules/.cache/', import.meta.url));
  const home = join(cache, `chromium-${version}`);
  const path = join(home, 'chromium');
  if (existsSync(path)) return path;
  await mkdir(cache, { recursive: true });
  const unfinished = await mkdtemp(join(cache, 'unpacking-'));
  const outer = process.env['TMPDIR'];
  process.env['TMPDIR'] = unfinished;
  try {
    const { default: packed } = await import('@sparticuz/chromium');
    await packed.executablePath();
    await rename(unfinished, home).catch((error: unknown) => {
      if (!existsSync(path)) throw error; // else another run was faster
    });
  } finally {
    if (outer === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = outer;
    await rm(unfinished, { recursive: true, force: true });
  }
  return path;
}
