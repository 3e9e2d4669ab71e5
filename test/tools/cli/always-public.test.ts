/** `--always-public`: the variants that need no token, by a flag. */
import { expect, test } from 'vitest';
import { runCommand } from '../../support/package/command-line.ts';
import { temporaryFiles } from '../../support/package/temporary-files.ts';
import { url } from '../../support/samples.ts';
import { html, img } from '../../support/servers/checked-apps.ts';
import { checkOnce, presentSigner } from '../../support/servers/checked-page.ts';

const { file } = temporaryFiles();
let files = 0;
const config = (variants: unknown): string =>
  file(`config-${++files}.json`, JSON.stringify({ ttl: '1d', variants }));

const page = html(img(presentSigner.signImage(url())) + img(url('preview')));

test.each([
  [['--variants', 'thumb', '--always-public', 'preview, other']],
  [['--config', config(['thumb', 'preview']), '--always-public', 'preview']],
  [['--config', config({ thumb: { width: 320 }, preview: { width: 20 } }), '--always-public', 'preview']],
])('an image of such a variant is fine without a token, beside others of the page: %j', async (flags) => {
  const { images, code } = await checkOnce(page, ['--allow-private', ...flags]);
  expect(images.map((each) => each.code)).toEqual(['signed', 'always-public']);
  expect(code).toBe(0);
});

test('sign returns such a URL without a token, and needs no other variant', async () => {
  const args = ['--ttl', '1d', '--always-public', 'preview', url('preview')];
  const { code, stdout } = await runCommand(['sign', ...args]);
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
