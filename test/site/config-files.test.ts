/** The command accepts the configuration files of the guides: every one is written to a file and used to sign. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runCommand } from '../support/package/command-line.ts';
import { readBlocks } from '../support/package/documents.ts';
import { key, signerWith } from '../support/samples.ts';

const folder = mkdtempSync(join(tmpdir(), 'image-signer-configuration-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const files = ['docs/guides/any-site.md', 'docs/guides/local-delivery.md'].flatMap((page) =>
  readBlocks(page, 'js').map(({ place, code }) => ({
    place,
    // A block may be a call in an app: its options become a file, with a key that the command prints.
    code: code
      .replace(/^imageSigner\(/m, 'export default (')
      // It returns its argument, and this folder has no access to the package.
      .replace("import { defineConfig } from 'image-signer';", 'const defineConfig = (options) => options;')
      .replace("key: '…'", 'key: process.env.IMAGES_KEY'),
  })),
);

test('there are files to try', () => {
  expect(files.length).toBeGreaterThanOrEqual(4);
});

test.each(files)('the command signs by $place', async ({ place, code }) => {
  const name = join(folder, `${place.replaceAll(/\W+/g, '-')}.mjs`);
  writeFileSync(name, code);
  const before = process.env['IMAGES_KEY'];
  process.env['IMAGES_KEY'] = key;
  try {
    const args = ['sign', '--config', name, '--variant', 'card', 'sunset'];
    const { code: exitCode, stdout, stderr } = await runCommand(args, { env: { IMAGES_KEY: key } });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const [url] = stdout.split('\n');
    const delivery = new URL(url!).origin;
    const signer = signerWith({ now: Date.now, variants: ['card'], delivery });
    expect(signer.verifyImage(url!)).toMatchObject({ ok: true, image: { id: 'sunset' } });
  } finally {
    if (before === undefined) delete process.env['IMAGES_KEY'];
    else process.env['IMAGES_KEY'] = before;
  }
});

test('the scripts of package.json in the guide are JSON', () => {
  for (const { place, code } of readBlocks('docs/guides/local-delivery.md', 'json'))
    expect(Object.keys(JSON.parse(code) as object), place).toEqual(['scripts']);
});
