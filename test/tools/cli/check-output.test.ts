/** What `image-signer check` writes, for people and for programs, and what it must not write. */
import { expect, test } from 'vitest';
import { type Run, type RunOptions, runCommand } from '../../support/package/command-line.ts';
import { accountHash, id, key, url } from '../../support/samples.ts';
import { app, html, img } from '../../support/servers/checked-apps.ts';
import { checkFlags, checkOnce, openSite, presentSigner } from '../../support/servers/checked-page.ts';

async function run(
  page: string,
  { args = checkFlags, ...options }: RunOptions & { args?: readonly string[] } = {},
): Promise<Run & { readonly origin: string }> {
  const { origin } = await openSite(html(page));
  return { origin, ...(await runCommand(['check', ...args, `${origin}/`], options)) };
}

test('each cause has a paragraph: what is wrong with what fixes it, and where; broken images first', async () => {
  const { code, stdout, stderr, origin } = await run(
    `${img(presentSigner.signImage(url()))}<p>${url()}</p><img src="${url('hero')}">`,
  );
  const lines = stdout.trimEnd().split('\n');
  expect(lines[0]).toMatch(
    /^broken 1 image URL\. The variant 'hero' is not in `variants`\. Correct the variant/,
  );
  expect(lines[1]).toBe(`       <img src> ${url('hero')}`);
  expect(lines[2]).toMatch(/^note {3}1 image URL\. Not signed: here it is text/);
  expect(lines[3]).toBe(`       text ${url()}`);
  expect(lines[4]).toMatch(/^ok {5}1 image URL\. Signed until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, for 1 day/);
  expect(lines[5]).toBe(`       <img src> ${url()}`);
  expect(stderr).toBe(
    `200 ${origin}/: 3 image URLs, 1 broken; no cache may keep the page. The images were not requested: add --images.\n`,
  );
  expect(code).toBe(1);
});

test('a cause has three examples, and that of most images comes first', async () => {
  const plain = Array.from({ length: 5 }, (_, index) => img(url('thumb', `a${index}`)));
  const { stdout } = await run([img(url('hero')), img(url('poster')), ...plain].join(''));
  const lines = stdout.trimEnd().split('\n');
  expect(lines.filter((line) => line.startsWith('broken')).map((line) => line.slice(0, 30))).toEqual([
    'broken 5 image URLs. Not signe',
    'broken 1 image URL. The varian',
    'broken 1 image URL. The varian',
  ]);
  expect(lines.slice(1, 5)).toEqual([
    ...[0, 1, 2].map((index) => `       <img src> ${url('thumb', `a${index}`)}`),
    '       and 2 more',
  ]);
});

test('several pages have one list of causes, whose examples name their page, and a line each', async () => {
  const { origin } = await openSite(html(img(url())));
  const pages = [`${origin}/a`, `${origin}/b`];
  const { code, stdout, stderr } = await runCommand(['check', ...checkFlags, ...pages]);
  expect(stdout.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^broken 2 image URLs\./),
    ...pages.map((page) => `       <img src> ${url()} on ${page}`),
  ]);
  expect(stderr.match(/^200 \S+/gm)).toEqual(pages.map((page) => `200 ${page}:`));
  expect(code).toBe(1);
  const asJson = (await runCommand(['check', ...checkFlags, '--json', ...pages])).stdout
    .trimEnd()
    .split('\n');
  expect(asJson.map((line) => JSON.parse(line).url)).toEqual(pages);
});

test('the summary says for how long caches may keep the page', async () => {
  const kept = app(img(url()), { headers: { 'Cache-Control': 'public, max-age=3600' } });
  const { origin } = await openSite(kept);
  const { code, stderr } = await runCommand(['check', ...checkFlags, origin]);
  expect(stderr).toContain('1 image URL, 0 broken; caches may keep the page for 1 hour.');
  expect(code).toBe(0);
});

test('the summary says nothing of the delivery if it was asked', async () => {
  const { stderr } = await run(img(`http://127.0.0.1:1/${accountHash}/${id}/thumb`), {
    args: [...checkFlags, '--delivery', 'http://127.0.0.1:1', '--images'],
  });
  expect(stderr).toContain('1 image URL, 1 broken; no cache may keep the page.\n');
});

test('--json writes one object, and nothing to standard error', async () => {
  const { code, stdout, stderr, origin } = await run(img(url()), { args: [...checkFlags, '--json'] });
  expect(stdout.match(/\n/g)).toHaveLength(1);
  expect(JSON.parse(stdout)).toEqual({
    url: `${origin}/`,
    status: 200,
    lifetime: 0,
    dead: 1,
    images: [
      {
        url: url(),
        place: '<img src>',
        outcome: 'dead',
        code: 'page-not-rewritten',
        message: expect.any(String),
        fix: expect.any(String),
      },
    ],
    others: [],
  });
  expect(stderr).toBe('');
  expect(code).toBe(1);
});

test.each([
  [[], 'Give one or more page URLs'],
  [['shop.example'], 'Give one or more page URLs'],
  [['localhost:3000'], 'Give one or more page URLs that begin with http:// or https://: '],
  [['--crawl', '0', 'https://a.example/'], "--crawl expected a number of pages, 1000 at most, got '0'"],
  [['--crawl', '5000', 'https://a.example/'], "1000 at most, got '5000'. Use --crawl 50"],
  [['--crawl', 'all', 'https://a.example/'], "1000 at most, got 'all'. Use --crawl 50"],
  [['--crawl', key], `1000 at most, got text of ${key.length} characters. Use --crawl 50`],
  [['--crawl', 'shop.example'], "1000 at most, got 'shop.example'"],
  [['--crawl=', 'https://a.example/'], '--crawl needs a value: --crawl [number]'],
  [['file:///etc/passwd'], 'Only http: and https: URLs'],
])('the exit code is 2 for what is no page: %j', async (operands, told) => {
  const { code, stdout, stderr } = await runCommand(['check', ...checkFlags, ...operands]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(told);
});

/** A clipboard write, a title, a line over the last one, a bidirectional override, a C1 control, a line separator. */
const hostile = '\u001b]52;c;aGk=\u0007\u001b]0;title\u0007\r\u202egpj\u009b2J\u2028\u007f';
const anyControl = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

test.each([[[]], [['--json']]])('no page controls the terminal: %j', async (more) => {
  const page = [
    `<img src="${url()}?a=${hostile}">`,
    `<img src="${url()}#${hostile}">`,
    `<img src="https://imagedelivery.net/${hostile}/a/b">`,
    `<img src="https://x${hostile}.example/cdn-cgi/imagedelivery/a/b/c">`,
    `<p x${hostile}="${url()}">`,
    `<p${hostile} x="${url()}">`,
    `<script type="a\n${hostile}">"${url()}"</script>`,
    `<style>a { background: url("${url()}${hostile}") }</style>`,
    `<p>${url(hostile)}</p>`,
  ].join('\n');
  const options = { isTTY: true, env: { IMAGES_KEY: key, NO_COLOR: '1' } };
  const { stdout, stderr } = await run(page, { args: [...checkFlags, ...more], ...options });
  expect(stdout).toContain('imagedelivery');
  for (const line of `${stdout}${stderr}`.split('\n')) expect(line).not.toMatch(anyControl);
  if (more.length === 0) {
    for (const line of stdout.trimEnd().split('\n'))
      expect(line).toMatch(/^(?:ok {5}|broken |note {3}| {7})\S/);
  }
});

test('a long name in a page makes no long line', async () => {
  const long = 'x'.repeat(100_000);
  const { stdout } = await run(
    `<p ${long}="${url()}"><${long} y="${url()}"><script type="${long}">"${url()}"</script><img src="${url(long)}">`,
  );
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThan(2_000);
});

test.each([[[]], [['--json']]])(
  'neither a key, a token, a header nor a password is shown: %j',
  async (more) => {
    const signed = presentSigner.signImage(url());
    const page = [
      `<img src="${signed.replaceAll('&', '&amp;')}">`,
      `<img src="${signed}${key}">`,
      `<img src="${url('thumb', key)}">`,
      `<img src="${url(key)}">`,
      `<img src="${url()}?key=${key}">`,
      `<p ${key}="${url()}">`,
      `<script type="${key}">"${url()}"</script>`,
    ].join('');
    const { origin } = await openSite(html(page));
    const address = `${origin.replace('//', '//me:pass-word@')}/?token=${key}`;
    const args = [...checkFlags, ...more, '--header', 'Cookie: session-of-mine'];
    const { stdout, stderr } = await runCommand(['check', ...args, address]);
    const shown = stdout + stderr;
    expect(shown).toContain('/thumb');
    for (const secret of [key, /sig=([0-9a-f]{64})/.exec(signed)![1]!, 'pass-word', 'session-of-mine'])
      expect(shown).not.toContain(secret);
  },
);

test('a page that is written to take long is read in seconds', async () => {
  const started = performance.now();
  const open = '['.repeat(100_000);
  const pages = [
    `<script type="application/json">${open}"${url()}"${']'.repeat(100_000)}</script>`,
    `<p data-x='${open}${url()}'>`,
    `<style>${'url('.repeat(200_000)}${url()}</style>`,
    `<script>${'\\u002'.repeat(200_000)}${url()}</script>`,
    `<p x="${'//'.repeat(400_000)} ${url()}">`,
    `<p x="${'a'.repeat(400_000)} ${url()}">`,
    `<p>${'<'.repeat(400_000)}${url()}</p>`,
  ];
  for (const page of pages) await checkOnce(html(page));
  expect(performance.now() - started).toBeLessThan(20_000);
});
