/** What `image-signer check` says of images under no base. */
import type { RequestListener } from 'node:http';
import { expect, test } from 'vitest';
import { type Run, runCommand } from '../../support/package/command-line.ts';
import { temporaryFiles } from '../../support/package/temporary-files.ts';
import { url } from '../../support/samples.ts';
import { html, img, typed } from '../../support/servers/checked-apps.ts';
import { checkFlags, checkOnce, openSite, presentSigner } from '../../support/servers/checked-page.ts';

const { file } = temporaryFiles();
const bucket = `import { s3 } from '${new URL('../../../src/schemes.ts', import.meta.url).href}';
  export default {
    ttl: '15m',
    scheme: s3({
      region: 'eu-central-1',
      url: 'https://photos.s3.eu-central-1.amazonaws.com',
      prefixes: ['private/'],
      parameters: ['v', 'acl'],
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret-of-a-test' },
    }),
  };`;
const bucketConfig = ['--config', file('bucket.mjs', bucket)];
const from = "from: 'http://minio:9000/photos', prefixes:";
const storedConfig = ['--config', file('stored.mjs', bucket.replace('prefixes:', from))];
const amazon = 'https://photos.s3.eu-central-1.amazonaws.com';
const explain = (config: readonly string[], image: string): Promise<Run> =>
  runCommand(['explain', ...config, image]);

async function run(page: string | RequestListener, args: readonly string[] = checkFlags): Promise<Run> {
  const { origin } = await openSite(typeof page === 'string' ? html(page) : page);
  return runCommand(['check', ...args, `${origin}/`]);
}

const lastLine = ({ stderr }: Run): string => stderr.trimEnd().split('\n').at(-1)!;

test('a page whose images are all elsewhere is told with their hosts, and is not in order', async () => {
  const there = ['a', 'b', 'c'].map((id) => img(`http://localhost:9900/acct/${id}/card`)).join('');
  const checked = await run(`${there}<img src="//cdn.example/logo.svg">`);
  expect(lastLine(checked)).toBe(
    'This page has no image URL under https://imagedelivery.net. It has images at: localhost:9900 (3), cdn.example (1). If they are yours, add --delivery <base>, or `delivery` in the file of --config.',
  );
  expect(checked).toMatchObject({ code: 1, stdout: '' });
});

test('other images beside those of a base are one last line, and nothing broken', async () => {
  const page = img(presentSigner.signImage(url()));
  const checked = await run(page + img('https://cdn.example/a.png') + img('https://cdn.example/b.png'));
  expect(lastLine(checked)).toBe('2 other image URLs are under no base: cdn.example (2).');
  expect(checked.code).toBe(0);
});

test('a page whose only image is a logo of its own is in order', async () => {
  const logo = await run('<img src="/logo.svg">');
  expect(logo.code).toBe(0);
  expect(lastLine(logo)).toContain('This page has no image URL under https://imagedelivery.net.');
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

const elsewhere = 'https://cdn.example/a.png';
const places: readonly (readonly [title: string, page: string | RequestListener])[] = [
  ['a srcset', `<img srcset="${elsewhere} 1x">`],
  ['a source', `<picture><source srcset="${elsewhere} 1x"></picture>`],
  ['a preload', `<link rel="preload" imagesrcset="${elsewhere} 1x">`],
  ['a lazy image', `<img data-src="${elsewhere}">`],
  ['an image of SVG', `<svg><image href="${elsewhere}"/></svg>`],
  ['a poster', `<video poster="${elsewhere}"></video>`],
  ['a style', `<p style="background: url(${elsewhere})">`],
  ['a style sheet', `<style>p { background: URL( "${elsewhere}" ) }</style>`],
  ['a path under a base element', '<base href="https://cdn.example/x/"><img src="a.png">'],
  ['JSON', typed('application/json', `{"a":["${elsewhere}?x=1","https://b.example/"]}`)],
  ['a feed', typed('application/rss+xml', `<rss><enclosure url="${elsewhere}"/></rss>`)],
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
  const hostile = ['\u202egpj', 'x'.repeat(5_000), '\u001b]0;a\u0007', 'é'].map((name) => `${name}.example`);
  const checked = await run(hostile.map((host) => img(`https://${host}/a.png`)).join('') + many);
  expect(lastLine(checked)).toMatch(/, and 29\d more\. If they are yours,/);
  expect(lastLine(checked).length).toBeLessThan(1_000);
  expect(lastLine(checked)).not.toMatch(/[^\x20-\x7e]/);
});

/** What is said of the base under which a page has the images of the bucket. */
const mayBe = (base: string): string =>
  `${base} may be another spelling of ${amazon}. If tokens are valid there, add it to \`url\` of the scheme, which takes a list. If images were stored under it, add it to \`from\` of the scheme.`;

test('a bucket in another spelling is named as such', async () => {
  const base = 'https://s3.eu-central-1.amazonaws.com/photos';
  const checked = await run(img(`${base}/private/cat.jpg`), [...bucketConfig, '--allow-private']);
  const names = `This page has no image URL under ${amazon}. It has images at: s3.eu-central-1.amazonaws.com (1).`;
  expect(lastLine(checked)).toBe(`${names} ${mayBe(base)}`);
  expect(checked.code).toBe(1);
});

test.each(['http://minio:9000/photos', 'https://abc.supabase.co/storage/v1/object/public/photos'])(
  'images that were stored at another host, under the same bucket, are an entry for from: %s',
  async (stored) => {
    const page = img(`${stored}/private/cat.jpg`) + img(`${stored}/private/dog.jpg`);
    const checked = await run(page, [...bucketConfig, '--allow-private']);
    expect(lastLine(checked).endsWith(mayBe(stored))).toBe(true);
    expect(checked.code).toBe(1);
    const explained = await explain(bucketConfig, `${stored}/private/cat.jpg`);
    expect(explained.stdout).toContain(mayBe(stored));
  },
);

test.each([
  'http://minio:9000/photos/public/cat.jpg',
  'http://minio:9000/photos-of-others/private/cat.jpg',
  'http://minio:9000/%22photos/private/cat.jpg',
  `http://minio:9000/${'a'.repeat(200)}/photos/private/cat.jpg`,
])('what only looks like the bucket is no entry for from: %s', async (image) => {
  const { stdout } = await explain(bucketConfig, image);
  expect(stdout).toMatch(/Compare its beginning with `url`/);
});

test('an image under from is broken where the page did not pass imageSigner, and explained as such', async () => {
  const image = 'http://minio:9000/photos/private/cat.jpg';
  const { stdout, code } = await run(img(image), [...storedConfig, '--allow-private']);
  expect(stdout).toMatch(/^broken 1 image URL\..*Install imageSigner.*\n/);
  expect(stdout.split('\n')[1]).toBe(`       <img src> ${image}`);
  expect(code).toBe(1);
  const explained = await explain(storedConfig, image);
  expect(explained.stdout).toMatch(/under a base of `from`[\s\S]*It has no token/);
});

test('a bucket of somebody else is only a host', async () => {
  const page = img('https://s3.eu-central-1.amazonaws.com/music/private/cat.jpg');
  const checked = await run(page, [...bucketConfig, '--allow-private']);
  expect(lastLine(checked)).toMatch(
    /amazonaws\.com \(1\)\. If they are yours, correct `url` of the scheme\.$/,
  );
});

test.each([
  [`${amazon}/public/dog.jpg`, /but 'public\/dog\.jpg' is outside `prefixes`\. If this image/],
  [`${amazon}/private/a+b.jpg`, /its path contains a \+[\s\S]*Write %2B/],
  [`${amazon}/private/a%2Fb.jpg`, /its path contains %2F[\s\S]*Write \//],
  [`${amazon}/private/a.jpg?acl`, /its spelling or its parameters/],
])('an image that a scheme does not sign is told with the reason: %s', async (image, told) => {
  const { stdout, code } = await run(img(image), [...bucketConfig, '--allow-private']);
  expect(stdout).toMatch(told);
  expect(code).toBe(1);
});

test.each([
  ['https://photos.s3.amazonaws.com/private/a.jpg', /another spelling of/],
  ['https://photos.s3.dualstack.eu-central-1.amazonaws.com/private/a.jpg', /another spelling of/],
  ['https://s3.eu-central-1.amazonaws.com/music/a.jpg', /Compare its beginning with `url`/],
  ['https://elsewhere.example/a.jpg', /under no base of the scheme\.\n.*Compare its beginning with `url`/],
])('explain tells what is under no base: %s', async (image, told) => {
  const { code, stdout } = await explain(bucketConfig, image);
  expect(stdout).toMatch(told);
  expect(code).toBe(1);
});
