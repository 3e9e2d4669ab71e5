/** What `image-signer check` says of images that are under none of the bases. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { html, img, typed } from '../../support/checked-apps.ts';
import { checkFlags, checkOnce, presentSigner, type Site, startSite } from '../../support/checked-page.ts';
import { type Run, runCommand } from '../../support/command-line.ts';
import { url } from '../../support/samples.ts';

const folder = mkdtempSync(join(tmpdir(), 'image-signer-others-'));
afterAll(() => rmSync(folder, { recursive: true }));
const bucketConfig = join(folder, 'bucket.mjs');
writeFileSync(
  bucketConfig,
  `import { s3 } from '${new URL('../../../src/schemes.ts', import.meta.url).href}';
  export default {
    ttl: '15m',
    scheme: s3({
      region: 'eu-central-1',
      url: 'https://photos.s3.eu-central-1.amazonaws.com',
      prefixes: ['private/'],
      parameters: ['v', 'acl'],
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret-of-a-test' },
    }),
  };`,
);

const storedConfig = join(folder, 'stored.mjs');
writeFileSync(
  storedConfig,
  readFileSync(bucketConfig, 'utf8').replace('prefixes:', "from: 'http://minio:9000/photos', prefixes:"),
);

let site: Site | undefined;
afterEach(async () => {
  await site?.close();
  site = undefined;
});

async function run(page: string | RequestListener, args: readonly string[] = checkFlags): Promise<Run> {
  site = await startSite(typeof page === 'string' ? html(page) : page);
  return runCommand(['check', ...args, `${site.origin}/`]);
}

const lastLine = ({ stderr }: Run): string => stderr.trimEnd().split('\n').at(-1)!;

test('a page whose images are all elsewhere is told with their hosts, and is not in order', async () => {
  const there = ['a', 'b', 'c'].map((id) => img(`http://localhost:9900/acct/${id}/card`)).join('');
  const checked = await run(`${there}<img src="//cdn.example/logo.svg">`);
  expect(lastLine(checked)).toBe(
    'No image URL of https://imagedelivery.net in this page. It names images at: localhost:9900 (3), cdn.example (1). Are they yours? Add --delivery <base>, or `delivery` to the file of --config.',
  );
  expect(checked).toMatchObject({ code: 1, stdout: '' });
});

test('other images beside those of a base are one last line, and nothing broken', async () => {
  const page = img(presentSigner.signImage(url()));
  const checked = await run(
    `${page}<img src="https://cdn.example/a.png"><img src="https://cdn.example/b.png">`,
  );
  expect(lastLine(checked)).toBe('2 other image URLs, under none of the bases: cdn.example (2).');
  expect(checked.code).toBe(0);
});

test('a page whose only image is a logo of its own is in order', async () => {
  const logo = await run('<img src="/logo.svg">');
  expect(logo.code).toBe(0);
  expect(lastLine(logo)).toContain('No image URL of https://imagedelivery.net in this page.');
  expect((await run('<img src="/logo.svg"><img src="https://cdn.example/a.png">')).code).toBe(1);
});

test('a page without any image is in order', async () => {
  const { code, stderr } = await run('<p>https://cdn.example/a.png</p><a href="https://cdn.example/">a</a>');
  expect(stderr).toMatch(/^200 \S+: 0 image URLs, 0 broken; no cache may keep the page\.\n$/);
  expect(code).toBe(0);
});

test('--json lists the hosts, and has the same exit code', async () => {
  const { others, images, code, stderr } = await checkOnce(html(img('https://cdn.example/a.png')));
  expect({ others, images, code, stderr }).toEqual({
    others: [{ host: 'cdn.example', count: 1 }],
    images: [],
    code: 1,
    stderr: '',
  });
});

const places: readonly (readonly [title: string, page: string | RequestListener])[] = [
  ['a srcset', '<img srcset="https://cdn.example/a.png 1x">'],
  ['a source', '<picture><source srcset="https://cdn.example/a.png 1x"></picture>'],
  ['a preload', '<link rel="preload" imagesrcset="https://cdn.example/a.png 1x">'],
  ['a lazy image', '<img data-src="https://cdn.example/a.png">'],
  ['an image of SVG', '<svg><image href="https://cdn.example/a.png"/></svg>'],
  ['a poster', '<video poster="https://cdn.example/a.png"></video>'],
  ['a style', '<p style="background: url(https://cdn.example/a.png)">'],
  ['a style sheet', '<style>p { background: URL( "https://cdn.example/a.png" ) }</style>'],
  ['a path under a base element', '<base href="https://cdn.example/x/"><img src="a.png">'],
  ['JSON', typed('application/json', '{"a":["https://cdn.example/a.png?x=1","https://b.example/"]}')],
  ['a feed', typed('application/rss+xml', '<rss><enclosure url="https://cdn.example/a.png"/></rss>')],
];

test.each(places)('images elsewhere are found: %s', async (_title, page) => {
  const { others } = await checkOnce(typeof page === 'string' ? html(page) : page);
  expect(others).toEqual([{ host: 'cdn.example', count: 1 }]);
});

test.each([
  ['a font', '<style>@font-face { src: url(https://cdn.example/a.woff2) }</style>'],
  ['an imported style sheet', '<style>@import url("https://cdn.example/css2?family=a");</style>'],
  ['a data URL', '<img src="data:image/png;base64,AAAA">'],
  ['a fragment', '<p style="fill: url(#a)">'],
  ['a video', '<video src="https://cdn.example/a.mp4"><source src="https://cdn.example/b.mp4"></video>'],
  ['a script', '<script src="https://cdn.example/a.js"></script>'],
  ['no URL', '<img src="https://[">'],
])('no image elsewhere: %s', async (_title, page) => {
  const { others, code } = await checkOnce(html(page));
  expect({ others, code }).toEqual({ others: [], code: 0 });
});

test('hosts of strangers neither control the terminal nor fill it', async () => {
  const many = Array.from({ length: 300 }, (_, index) => img(`https://h${index}.example/a.png`)).join('');
  const hostile = [
    '\u202egpj.example',
    `${'x'.repeat(5_000)}.example`,
    '\u001b]0;a\u0007.example',
    'é.example',
  ];
  const checked = await run(hostile.map((host) => img(`https://${host}/a.png`)).join('') + many);
  expect(lastLine(checked)).toMatch(/, and 29\d more\. Are they yours\?/);
  expect(lastLine(checked).length).toBeLessThan(1_000);
  expect(lastLine(checked)).not.toMatch(/[^\x20-\x7e]/);
});

test('a bucket in another spelling is named as such', async () => {
  const page = img('https://s3.eu-central-1.amazonaws.com/photos/private/cat.jpg');
  const checked = await run(page, ['--config', bucketConfig, '--allow-private']);
  expect(lastLine(checked)).toBe(
    'No image URL of https://photos.s3.eu-central-1.amazonaws.com in this page. It names images at: s3.eu-central-1.amazonaws.com (1). https://s3.eu-central-1.amazonaws.com/photos may be https://photos.s3.eu-central-1.amazonaws.com in another spelling: if tokens are valid there, add it to `url` of the scheme, which takes a list; if images were stored under it, add it to `from` of the scheme.',
  );
  expect(checked.code).toBe(1);
});

test.each([
  ['http://minio:9000/photos', 'http://minio:9000/photos'],
  [
    'https://abc.supabase.co/storage/v1/object/public/photos',
    'https://abc.supabase.co/storage/v1/object/public/photos',
  ],
])(
  'images that were stored at another host, under the same bucket, are an entry for from: %s',
  async (stored, entry) => {
    const page = img(`${stored}/private/cat.jpg`) + img(`${stored}/private/dog.jpg`);
    const told = `${entry} may be https://photos.s3.eu-central-1.amazonaws.com in another spelling: if tokens are valid there, add it to \`url\` of the scheme, which takes a list; if images were stored under it, add it to \`from\` of the scheme.`;
    const checked = await run(page, ['--config', bucketConfig, '--allow-private']);
    expect(lastLine(checked).endsWith(told)).toBe(true);
    expect(checked.code).toBe(1);
    const explained = await runCommand(['explain', '--config', bucketConfig, `${stored}/private/cat.jpg`]);
    expect(explained.stdout).toContain(told);
  },
);

test.each([
  'http://minio:9000/photos/public/cat.jpg',
  'http://minio:9000/photos-of-others/private/cat.jpg',
  'http://minio:9000/%22photos/private/cat.jpg',
  `http://minio:9000/${'a'.repeat(200)}/photos/private/cat.jpg`,
])('what only looks like the bucket is no entry for from: %s', async (image) => {
  const { stdout } = await runCommand(['explain', '--config', bucketConfig, image]);
  expect(stdout).toMatch(/Compare its beginning with `url`/);
});

test('an image under from is broken where the page did not pass imageSigner, and explained as such', async () => {
  const { stdout, code } = await run(img('http://minio:9000/photos/private/cat.jpg'), [
    '--config',
    storedConfig,
    '--allow-private',
  ]);
  expect(stdout).toMatch(
    /^broken 1 image URL\..*Install imageSigner.*\n {7}<img src> http:\/\/minio:9000\/photos\/private\/cat\.jpg\n/,
  );
  expect(code).toBe(1);
  const explained = await runCommand([
    'explain',
    '--config',
    storedConfig,
    'http://minio:9000/photos/private/cat.jpg',
  ]);
  expect(explained.stdout).toMatch(/under a base of `from`[\s\S]*It has no token/);
});

test('a bucket of somebody else is only a host', async () => {
  const page = img('https://s3.eu-central-1.amazonaws.com/music/private/cat.jpg');
  const checked = await run(page, ['--config', bucketConfig, '--allow-private']);
  expect(lastLine(checked)).toMatch(/amazonaws\.com \(1\)\. Are they yours\? Compare `url` of the scheme\.$/);
});

test.each([
  [
    'https://photos.s3.eu-central-1.amazonaws.com/public/dog.jpg',
    /not under `prefixes`: below the base it has 'public\/dog\.jpg'\. If this image/,
  ],
  ['https://photos.s3.eu-central-1.amazonaws.com/private/a+b.jpg', /its path holds a \+[\s\S]*Write %2B/],
  ['https://photos.s3.eu-central-1.amazonaws.com/private/a%2Fb.jpg', /its path holds %2F[\s\S]*Write \//],
  ['https://photos.s3.eu-central-1.amazonaws.com/private/a.jpg?acl', /with parameters/],
])('an image that a scheme does not sign is told with the reason: %s', async (image, told) => {
  const { stdout, code } = await run(img(image), ['--config', bucketConfig, '--allow-private']);
  expect(stdout).toMatch(told);
  expect(code).toBe(1);
});

test.each([
  ['https://photos.s3.amazonaws.com/private/a.jpg', /in another spelling/],
  ['https://photos.s3.dualstack.eu-central-1.amazonaws.com/private/a.jpg', /in another spelling/],
  ['https://s3.eu-central-1.amazonaws.com/music/a.jpg', /Compare its beginning with `url`/],
  ['https://elsewhere.example/a.jpg', /under no base of the scheme\.\n.*Compare its beginning with `url`/],
])('explain tells what is under no base: %s', async (image, told) => {
  const { code, stdout } = await runCommand(['explain', '--config', bucketConfig, image]);
  expect(stdout).toMatch(told);
  expect(code).toBe(1);
});
