/** `--always-public`: the variants that need no token, by a flag. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { html, img } from '../../support/checked-apps.ts';
import { checkOnce, presentSigner } from '../../support/checked-page.ts';
import { runCommand } from '../../support/command-line.ts';
import { url } from '../../support/samples.ts';

const folder = mkdtempSync(join(tmpdir(), 'image-signer-public-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;

function config(variants: unknown): string {
  const file = join(folder, `config-${++files}.json`);
  writeFileSync(file, JSON.stringify({ ttl: '1d', variants }));
  return file;
}

const page = html(img(presentSigner.signImage(url())) + img(url('preview')));

test('an image of such a variant is fine without a token, beside others of the page', async () => {
  const flags = ['--allow-private', '--variants', 'thumb', '--always-public', 'preview, other'];
  const { images, code } = await checkOnce(page, flags);
  expect(images.map((each) => each.code)).toEqual(['signed', 'always-public']);
  expect(code).toBe(0);
});

test.each([[['thumb', 'preview']], [{ thumb: { width: 320 }, preview: { width: 20 } }]])(
  'it adds to the variants of the file: %j',
  async (variants) => {
    const flags = ['--allow-private', '--config', config(variants), '--always-public', 'preview'];
    const { images } = await checkOnce(page, flags);
    expect(images.map((each) => each.code)).toEqual(['signed', 'always-public']);
  },
);

test('sign returns such a URL without a token, and needs no other variant', async () => {
  const { code, stdout } = await runCommand([
    'sign',
    '--ttl',
    '1d',
    '--always-public',
    'preview',
    url('preview'),
  ]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${url('preview')}\n` });
});

test.each([
  [['--always-public', 'a/b'], /^image-signer: --always-public: /],
  [['--variants', 'thumb', '--always-public', 'a/b'], /^image-signer: --variants: /],
  [['--config', config(7), '--always-public', 'preview'], /config-\d\.json: `variants`/],
])('a mistake in it is told: %j', async (args, told) => {
  const { code, stderr } = await runCommand(['verify', ...args, url('preview')]);
  expect(code).toBe(2);
  expect(stderr).toMatch(told);
});
