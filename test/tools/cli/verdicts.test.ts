/** What a scheme does not sign for its name, in the words of the command line. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runCommand } from '../../support/command-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'image-signer-'));
const config = join(folder, 'config.mjs');
writeFileSync(
  config,
  `import { bunny } from '${new URL('../../../src/schemes.ts', import.meta.url).href}';
export default { ttl: '1h', scheme: bunny({ url: 'https://shop.b-cdn.net', key: 'a-key-of-a-pull-zone', prefixes: 'photos/' }) };`,
);
afterAll(() => rmSync(folder, { recursive: true }));

const digit =
  'what is signed of it ends with a digit, which the store could read as the first one of a later expiry';

test.each(['sign', 'verify'])('%s says which name a scheme does not sign, and why', async (command) => {
  const run = async (image: string): Promise<string> => {
    const { code, stdout, stderr } = await runCommand([command, '--config', config, image]);
    expect(code).toBe(1);
    return stdout + stderr;
  };
  expect(await run('https://shop.b-cdn.net/photos/1234')).toContain(digit);
  const other = await run('https://shop.b-cdn.net/others/1234');
  expect(other).not.toContain(digit);
  expect(other).toContain('it is not under `url` and `prefixes`');
});

test('sign says so of an id as well', async () => {
  const { stderr } = await runCommand(['sign', '--config', config, 'photos/1234']);
  expect(stderr).toContain(digit);
});
