/** `image-signer rewrite`. */
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { commands, main } from '../../../src/tools/cli/main.ts';
import { runCommand } from '../../support/package/command-line.ts';
import { temporaryFiles } from '../../support/package/temporary-files.ts';
import { countTokens, instant, key, signerWith, url, withoutTokens } from '../../support/samples.ts';

const { folder, file: config } = temporaryFiles();
const flags = ['rewrite', '--ttl', '1d', '--variants', 'thumb,card'];

/** Runs it between these streams. */
function runBetween(stdin: Readable, stdout: Writable): Promise<number> {
  const stderr = new Writable({ write: (_chunk, _encoding, callback) => callback() });
  return main(flags, { stdin, stdout, stderr, env: { IMAGES_KEY: key }, on() {} }, commands);
}

test('writes the page with its images signed, and the summary to standard error', async () => {
  const page = `<img src="${url()}"><p>${url()}</p><img src="${url()}" srcset="${url('card')} 2x"><a href="${url('hero')}">`;
  const { code, stdout, stderr } = await runCommand(flags, { stdin: page });
  expect(code).toBe(0);
  expect(countTokens(stdout)).toBe(3);
  expect(withoutTokens(stdout)).toBe(page);
  expect(stderr).toBe(
    'URLs signed: 3. Already signed, kept: 0. Always public: 0. Denied by authorize: 0.\nURLs left alone: 1 variant-not-allowed.\n',
  );
});

test('writes exactly what rewriteHtml returns', async () => {
  const file = config(
    'same.mjs',
    `export default { ttl: '1h', variants: ['thumb', 'card'], now: () => ${instant} };`,
  );
  const page = `<link href=${url()}><style>a{background:url(${url('card')})}</style>`.repeat(5);
  const { stdout } = await runCommand(['rewrite', '--config', file], { stdin: page });
  expect(stdout).toBe(signerWith({ ttl: '1h' }).rewriteHtml(page));
});

test('reads a file as well', async () => {
  const file = config('page.html', `<img src=${url()}>`);
  const { code, stdout } = await runCommand([...flags, file]);
  expect(code).toBe(0);
  expect(countTokens(stdout)).toBe(1);
});

test('passes invalid UTF-8 byte for byte, in whatever chunks it comes', async () => {
  const bytes = Buffer.concat([
    Buffer.from([0xff, 0xfe, 0x80, 0x00, 0xc3, 0x28, 0xed, 0xa0, 0x80]),
    Buffer.from(`<img src="${url()}" alt="`),
    Buffer.from([0xf0, 0x28, 0x8c, 0x28, 0x22, 0x3e, 0x0d, 0x0a]),
  ]).subarray(2); // without the byte order mark of UTF-16
  const written: Buffer[] = [];
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, callback) {
      written.push(chunk);
      callback();
    },
  });
  const stdin = Readable.from(Array.from(bytes, (byte) => Buffer.from([byte])));
  expect(await runBetween(stdin, stdout)).toBe(0);
  const [before, after] = [bytes, Buffer.concat(written)].map((each) => each.toString('latin1'));
  expect(countTokens(after!)).toBe(1);
  expect(withoutTokens(after!)).toBe(before);
});

test('waits while the reader is slower', async () => {
  let mostBuffered = 0;
  const stdout = new Writable({
    highWaterMark: 1024,
    write(_chunk, _encoding, callback) {
      mostBuffered = Math.max(mostBuffered, stdout.writableLength);
      setImmediate(callback);
    },
  });
  await runBetween(Readable.from(Array.from({ length: 200 }, () => Buffer.alloc(4096, 'text '))), stdout);
  expect(mostBuffered).toBeGreaterThan(0);
  expect(mostBuffered).toBeLessThan(3 * 4096);
});

test('writes only the summary with --dry-run, which is the answer then', async () => {
  const stdin = `<img src="${url()}">`;
  const { code, stdout, stderr } = await runCommand([...flags, '--dry-run', '--json'], { stdin });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toEqual({
    signed: 1,
    kept: 0,
    public: 0,
    denied: 0,
    skipped: {},
    passed: {},
    bytesRead: stdin.length,
    bytesWritten: expect.any(Number),
  });
});

test('counts what is kept, public, denied, left alone and passed', async () => {
  const file = config(
    'counts.mjs',
    `export default {
       ttl: '1d',
       variants: { thumb: {}, card: {}, preview: { alwaysPublic: true } },
       now: () => ${instant},
       authorize: (image) => image.id !== 'hidden',
       report: () => { globalThis.heard = true; },
     };`,
  );
  const kept = signerWith().signImage(url()).replace('&', '&amp;');
  const stdin = [
    `<img src="${kept}"><img src="${kept}">`,
    `<img src="${url('preview')}"><img src="${url('thumb', 'hidden')}"><img src="${url('thumb', 'hidden')}">`,
    `<img src="${url('hero')}"><img src="https://imagedelivery.net/a/b%2Cc/thumb">`,
    `<img src="${url()}"><img alt="${'x'.repeat(70_000)}"><img src="https://elsewhere.example/">`,
  ].join('');
  const { stdout } = await runCommand(['rewrite', '--config', file, '--dry-run', '--json'], { stdin });
  expect(JSON.parse(stdout)).toMatchObject({
    signed: 1,
    kept: 2,
    public: 1,
    denied: 2,
    skipped: { 'variant-not-allowed': 1, 'not-a-delivery-url': 1 },
    passed: { 'too-long': 1 },
  });
  expect(globalThis).not.toHaveProperty('heard');
});

test('counts values that come again as often as they come', async () => {
  const file = config('again.mjs', `export default { ttl: '1d', variants: ['thumb', 'card'] };`);
  const page = `<img srcset="${url()} 1x, ${url('card')} 2x"><p style="background: url(${url()})">`;
  const stdin = page.repeat(4);
  const { stdout } = await runCommand(['rewrite', '--config', file, '--dry-run', '--json'], { stdin });
  expect(JSON.parse(stdout).signed).toBe(12);
});

test('lets --ttl win over the ttl that a variant has in the file of --config', async () => {
  const options = { ttl: '1d', stableFor: 0, variants: { thumb: { ttl: '30d' } } };
  const args = ['rewrite', '--config', config('ttl.json', JSON.stringify(options)), '--ttl', '1h'];
  const before = Math.floor(Date.now() / 1000);
  const { stdout } = await runCommand(args, { stdin: `<img src=${url()}>` });
  const exp = Number(/exp=(\d+)/.exec(stdout)?.[1]);
  expect(exp).toBeGreaterThanOrEqual(before + 3600);
  expect(exp).toBeLessThan(before + 2 * 3600);
});

test.each([
  [[join(folder, 'none.html')], 'The page cannot be read: there is no such file.\n'],
  [[folder], 'a folder'],
  [['a', 'b'], 'rewrite takes one file'],
  [[], 'the page on standard input'],
  [['--key-file', '-'], 'must be a file', key],
  [
    ['https://shop.example/'],
    'image-signer: rewrite takes a file, not a URL. Save the page first, or use image-signer check.\n',
    '',
  ],
])('says what is wrong with the page that it is given: %j', async (args, told, stdin?: string) => {
  const { code, stdout, stderr } = await runCommand(
    [...flags, ...args],
    stdin === undefined ? {} : { stdin },
  );
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(told);
});
