/** What `image-signer check` writes, for people and for programs, and what it must not write. */
import { afterEach, expect, test } from 'vitest';
import { app, html, img } from '../../support/checked-apps.ts';
import { checkFlags, checkOnce, presentSigner, type Site, startSite } from '../../support/checked-page.ts';
import { type Run, type RunOptions, runCommand } from '../../support/command-line.ts';
import { accountHash, id, key, url } from '../../support/samples.ts';

let site: Site | undefined;
afterEach(async () => {
  await site?.close();
  site = undefined;
});

async function run(
  page: string,
  {
    args = checkFlags,
    path = '/',
    ...options
  }: RunOptions & { args?: readonly string[]; path?: string } = {},
): Promise<Run> {
  site = await startSite(html(page));
  return runCommand(['check', ...args, `${site.origin}${path}`], options);
}

test('an image has two lines: where it stands, and what is wrong with what fixes it', async () => {
  const { code, stdout, stderr } = await run(
    `${img(presentSigner.signImage(url()))}<p>${url()}</p><img src="${url('hero')}">`,
  );
  const lines = stdout.trimEnd().split('\n');
  expect(lines.filter((_, index) => index % 2 === 0)).toEqual([
    `ok   <img src> ${url()}`,
    `dead <img src> ${url('hero')}`,
    `note text ${url()}`,
  ]);
  expect(lines[1]).toMatch(/^ {5}Signed until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, for 1 day/);
  expect(lines[3]).toMatch(/^ {5}The variant .* is not in `variants`\. Correct the variant/);
  expect(stderr).toBe(
    `200 ${site!.origin}/: 3 image URLs, 1 dead; no cache may keep the page. The delivery was not asked: add --images.\n`,
  );
  expect(code).toBe(1);
});

test('the summary says for how long caches may keep the page', async () => {
  site = await startSite(app(img(url()), { headers: { 'Cache-Control': 'public, max-age=3600' } }));
  const { code, stderr } = await runCommand(['check', ...checkFlags, site.origin]);
  expect(stderr).toContain('1 image URLs, 0 dead; caches may keep the page for 1 hour.');
  expect(code).toBe(0);
});

test('the summary says nothing of the delivery if it was asked', async () => {
  const { stderr } = await run(img(`http://127.0.0.1:1/${accountHash}/${id}/thumb`), {
    args: [...checkFlags, '--delivery', 'http://127.0.0.1:1', '--images'],
  });
  expect(stderr).toContain('1 image URLs, 1 dead; no cache may keep the page.\n');
});

test('--json writes one object, and nothing to standard error', async () => {
  const { code, stdout, stderr } = await run(img(url()), { args: [...checkFlags, '--json'] });
  expect(stdout.match(/\n/g)).toHaveLength(1);
  expect(JSON.parse(stdout)).toEqual({
    url: `${site!.origin}/`,
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
  [[], 'Give the URL of one page'],
  [['shop.example'], 'Give the URL of one page'],
  [['https://a.example/', 'https://b.example/'], 'Give the URL of one page'],
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
  const { stdout, stderr } = await run(page, {
    args: [...checkFlags, ...more],
    isTTY: true,
    env: { IMAGES_KEY: key, NO_COLOR: '1' },
  });
  expect(stdout).toContain('imagedelivery');
  for (const line of `${stdout}${stderr}`.split('\n')) expect(line).not.toMatch(anyControl);
  if (more.length === 0) {
    for (const line of stdout.trimEnd().split('\n')) expect(line).toMatch(/^(?:ok {3}|dead |note | {5})\S/);
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
    site = await startSite(html(page));
    const address = `${site.origin.replace('//', '//me:pass-word@')}/?token=${key}`;
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
