/** One file of `--config` for the app and for every command: what each takes of it, and what nobody knows. */
import { afterEach, expect, test } from 'vitest';
import { createSigner, imageSigner } from '../../../src/index.ts';
import { splitConfig } from '../../../src/tools/cli/config-options.ts';
import { runCommand } from '../../support/package/command-line.ts';
import { temporaryFiles } from '../../support/package/temporary-files.ts';
import { accountHash, countTokens, key, url, withoutTokens } from '../../support/samples.ts';
import { html, typed } from '../../support/servers/checked-apps.ts';
import { checkOnce } from '../../support/servers/checked-page.ts';

const { file: write } = temporaryFiles();

/** Node.js keeps what it has imported, so each file has a name of its own. */
let files = 0;

/** @returns the path of a file of `--config` that exports these options, functions included */
function config(options: object): string {
  const name = `imageSignerConfig${++files}`;
  Object.assign(globalThis, { [name]: options });
  return write(`${name}.mjs`, `export default globalThis.${name};`);
}

afterEach(() => {
  for (const name of Object.keys(globalThis))
    if (name.startsWith('imageSignerConfig')) Reflect.deleteProperty(globalThis, name);
});

const signerOptions = { key, ttl: '1d', variants: ['thumb', 'card'], accountHash } as const;
const middlewareOptions = {
  rewrite: { json: true },
  skip: () => false,
  attributes: { hero: 'url', looks: 'srcset' },
  scripts: { 'text/x-data': 'json' },
  fields: { body: 'html' },
  customProperties: ['--hero'],
} as const;
const everything = {
  ...signerOptions,
  ...middlewareOptions,
  authorize: () => true,
  viewer: () => 'anna',
  directory: './pictures',
  isPublic: () => false,
  limits: {},
};

test('is split by who takes it, so that imageSigner takes what the proxy gives it', () => {
  const { signerOptions, middlewareOptions, viewer, deliveryOptions } = splitConfig('a.mjs', everything);
  expect(viewer).toBe(everything.viewer);
  expect(Object.keys(deliveryOptions)).toEqual(['directory', 'isPublic', 'limits']);
  expect({ ...signerOptions, ...middlewareOptions, viewer, ...deliveryOptions }).toEqual(everything);
  const signer = createSigner(signerOptions as never);
  expect(() => imageSigner({ signer, ...middlewareOptions } as never)).not.toThrow();
});

test.each(['sign', 'verify', 'explain'])(
  'serves %s, which takes the options of the signer alone',
  async (command) => {
    const input = command === 'sign' ? url() : createSigner(signerOptions).signImage(url());
    const { code, stderr } = await runCommand([command, '--config', config(everything), input], { env: {} });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  },
);

const page = `<img hero="${url()}"><img looks="${url('card')} 2x"><script type="text/x-data">["${url()}"]</script><style>a{--hero:"${url('card')}"}</style>`;

test("rewrite signs the site's own attributes, scripts and properties", async () => {
  const options = { stdin: page, env: {} };
  const { code, stdout } = await runCommand(['rewrite', '--config', config(everything)], options);
  expect(code).toBe(0);
  expect(countTokens(stdout)).toBe(4);
  expect(withoutTokens(stdout)).toBe(page);
});

test("check counts the site's own attributes and scripts as read", async () => {
  const codes = async (options: object): Promise<string[]> => {
    const args = ['--config', config(options), '--allow-private'];
    const { images } = await checkOnce(html(page), args, { env: {} });
    return images.map((image) => image.code);
  };
  expect(await codes(signerOptions)).toContain('attribute-not-rewritten');
  expect(new Set(await codes(everything))).toEqual(new Set(['page-not-rewritten']));
});

/** As where a handler has signed one of two by a helper. */
function besideSigned(): string {
  return JSON.stringify({ image: url(), cover: createSigner(signerOptions as never).signImage(url('card')) });
}

test.each([
  ['a URL', JSON.stringify({ image: url() }), signerOptions, 'json-not-rewritten'],
  ['a URL beside a signed one', besideSigned(), signerOptions, 'json-not-rewritten'],
  ['a URL beside a signed one', besideSigned(), everything, 'not-authorized'],
  ['a URL', JSON.stringify({ image: url() }), everything, 'page-not-rewritten'],
  ['HTML', JSON.stringify({ body: `<img src="${url()}">` }), everything, 'page-not-rewritten'],
  ['HTML of no field', JSON.stringify({ text: `<img src="${url()}">` }), everything, 'json-not-rewritten'],
])('check says why JSON with %s is broken by the options of the app', async (_, body, options, code) => {
  const args = ['--config', config(options), '--allow-private'];
  const { images } = await checkOnce(typed('application/json', body), args, { env: {} });
  expect(images.filter(({ outcome }) => outcome === 'dead').map((image) => image.code)).toEqual([code]);
});

test('may give a signer, with what imageSigner takes beside one', async () => {
  const refused: string[] = [];
  const file = config({
    signer: createSigner(signerOptions),
    authorize: (image: { variant: string }) => image.variant === 'thumb' || refused.push(image.variant) < 0,
    attributes: { hero: 'url' },
  });
  const { stdout } = await runCommand(['rewrite', '--config', file, '--ttl', '2h'], { stdin: page, env: {} });
  expect(countTokens(stdout)).toBe(1);
  const signed = await runCommand(['sign', '--config', file, '--ttl', '2h', '--json', url()], { env: {} });
  const { expiresAt } = JSON.parse(signed.stdout) as { expiresAt: number };
  expect(expiresAt - Date.now() / 1000).toBeLessThan(4 * 3600);
  const told = await runCommand(['sign', '--config', file, '--variants', 'card', url()], { env: {} });
  expect(told.code).toBe(2);
  expect(told.stderr).toMatch(/--variants: expected not to be set beside `signer`/);
  const wrong = await runCommand(['sign', '--config', config({ signer: {} }), url()], { env: {} });
  expect(wrong.stderr).toMatch(/`signer`: expected what createSigner returns/);
});

test.each([
  [{ accounthash: 'a' }, 'Did you mean `accountHash`?'],
  [{ attribute: {} }, 'Did you mean `attributes`?'],
  [{ ispublic: 1 }, 'Did you mean `isPublic`?'],
  [{ colour: 'red' }, 'The options are key, keyRefresh, ttl,'],
])('a name that nobody takes is told, with the nearest: %j', async (more, hint) => {
  const file = config({ ...signerOptions, ...more });
  const { code, stderr } = await runCommand(['sign', '--config', file, url()], { env: {} });
  expect(code).toBe(2);
  expect(stderr).toContain(`\`${Object.keys(more)[0]}\` is not an option. ${hint}`);
  expect(stderr).toContain(file);
});

test('a wrong option of the middleware is told with the file', async () => {
  const file = config({ ...signerOptions, rewrite: { jsn: true } });
  const { code, stderr } = await runCommand(['check', '--config', file, 'http://127.0.0.1/'], { env: {} });
  expect(code).toBe(2);
  expect(stderr).toContain(`${file}: \`rewrite`);
});

test('a key that stands in the place of a name is not shown', async () => {
  const file = config({ ...signerOptions, key: undefined, [key]: true });
  const { stderr } = await runCommand(['sign', '--config', file, url()], { env: {} });
  expect(stderr).not.toContain(key);
});
