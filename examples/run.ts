/** `npm start` and `npm run example -- express`: checks the port, builds the package, and starts an example. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { install } from '../test/support/package/install.ts';
import { listen } from './gallery/port.ts';
import { readPort, SettingsError } from './gallery/settings.ts';

interface Example {
  readonly what: string;
  readonly start: string;
  readonly port?: string;
  /** A folder with its own packages. */
  readonly walk?: string;
}

const examples: Readonly<Record<string, Example>> = {
  gallery: { what: 'the gallery, in Express', start: './gallery/start.ts' },
  express: { what: 'the smallest site, in Express', start: './express/app.js' },
  koa: { what: 'the smallest site, in Koa', start: './koa/app.js' },
  bucket: {
    what: 'an album with its photos in a private bucket; STORE=azure uses an Azure container',
    start: './bucket/start.ts',
    walk: 'examples/bucket/local',
  },
  worker: {
    what: 'a Worker in front of a site, in workerd',
    start: './worker/local/start.ts',
    port: '8787',
    walk: 'examples/worker/local/workerd',
  },
};

await main(process.argv[2] ?? '');

async function main(name: string): Promise<void> {
  const example = Object.hasOwn(examples, name) ? examples[name] : undefined;
  if (example === undefined) {
    const rows = Object.entries(examples).map(
      ([each, { what }]) => `  npm run example -- ${each.padEnd(8)} ${what}`,
    );
    console.log(rows.join('\n'));
    process.exitCode = name === '' ? 0 : 1;
    return;
  }
  try {
    await findPort(example.port, name === 'gallery' ? 'npm start' : `npm run example -- ${name}`);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
    return;
  }
  if (example.walk !== undefined) install(example.walk);
  console.log('Building the package. The example opens in a few seconds.');
  const { status } = spawnSync(
    process.execPath,
    ['node_modules/tsup/dist/cli-default.js', '--no-dts', '--silent'],
    {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      stdio: 'inherit',
    },
  );
  if (status === 0) await import(example.start);
  else process.exitCode = status ?? 130;
}

/** Before the build, so that nobody waits for it in vain. The example takes the port later, and reports if it is in use by then. */
async function findPort(port: string | undefined, command: string): Promise<void> {
  const server = createServer();
  await listen(server, readPort(process.env['PORT'] || port), command);
  await once(server.close(), 'close');
}
