/** `image-signer check` of more than one page, and again and again: `--crawl` and `--watch`. */
import type { RequestListener } from 'node:http';
import { expect, test } from 'vitest';
import { type Run, runCommand } from '../../support/package/command-line.ts';
import { url } from '../../support/samples.ts';
import { html, img } from '../../support/servers/checked-apps.ts';
import { checkFlags, openSite, presentSigner } from '../../support/servers/checked-page.ts';

/** A site by its paths; any other is not found. */
async function siteWith(pages: Readonly<Record<string, string>>) {
  const asked: string[] = [];
  const listener: RequestListener = (incoming, response) => {
    asked.push(`${incoming.url}${incoming.headers.cookie === undefined ? '' : ' with a session'}`);
    const page = pages[incoming.url!];
    if (page === undefined) response.writeHead(404, { 'Content-Type': 'text/html' }).end('');
    else html(page)(incoming, response);
  };
  return { ...(await openSite(listener)), asked };
}

const check = (...args: readonly string[]): Promise<Run> => runCommand(['check', ...checkFlags, ...args]);

const signed = img(presentSigner.signImage(url()));

test('--crawl follows links within the site, each once, and finds what is wrong there', async () => {
  const { origin, asked } = await siteWith({
    '/': `${signed}<a href="/a">a</a><a href="/a#b">a</a><a href="b/">b</a>`,
    '/a': '<a href="/">home</a><a href="https://other.invalid/">x</a>',
    '/b/': `<base href="/c/"><a href="d">d</a>`,
    '/c/d': img(url()),
  });
  const { code, stdout, stderr } = await check('--crawl', '50', `${origin}/`);
  expect(asked).toEqual(['/', '/a', '/b/', '/c/d']);
  expect(stdout).toContain(`<img src> ${url()} on ${origin}/c/d`);
  expect(stderr.match(/^200 /gm)).toHaveLength(4);
  expect(code).toBe(1);
});

test.each([[['--crawl']], [['--crawl', '--images']], [['--images', '--crawl']]])(
  '--crawl without a number follows links to 50 pages: %j',
  async (flags) => {
    const links = Array.from({ length: 60 }, (_, index) => `<a href="/${index}">x</a>`).join('');
    const { origin, asked } = await siteWith({ '/': links });
    await check(...flags, `${origin}/`);
    expect(asked).toHaveLength(50);
    asked.length = 0;
    await check(`${origin}/`, ...flags);
    expect(asked).toHaveLength(50);
  },
);

test('--crawl ends no session, deletes nothing, and leaves files alone', async () => {
  const links = ['/logout', '/sign-out?x=1', '/photos/1/delete', '/a.pdf', '/a.webp', 'mailto:a@b.example'];
  const { origin, asked } = await siteWith({ '/': links.map((link) => `<a href="${link}">x</a>`).join('') });
  await check('--crawl', '9', `${origin}/`);
  expect(asked).toEqual(['/']);
});

test('--crawl stops at its number, and gives the session to the site alone', async () => {
  const other = await siteWith({ '/': signed });
  const links = Array.from({ length: 9 }, (_, index) => `<a href="/${index}">x</a>`).join('');
  const { origin, asked } = await siteWith({ '/': `${links}<a href="${other.origin}/">x</a>` });
  await check('--crawl', '3', '--header', 'Cookie: s=1', `${origin}/`);
  expect(asked).toEqual(['/ with a session', '/0 with a session', '/1 with a session']);
  expect(other.asked).toEqual([]);
});

test('each page that was given gets the session, and no other origin', async () => {
  const [first, second] = [await siteWith({ '/': signed }), await siteWith({ '/': signed })];
  const { code } = await check('--header', 'Cookie: s=1', `${first.origin}/`, `${second.origin}/`);
  expect([...first.asked, ...second.asked]).toEqual(['/ with a session', '/ with a session']);
  expect(code).toBe(0);
});

test('--watch checks again on each Enter, also after the server was away', async () => {
  const { origin, asked, close } = await siteWith({ '/': img(url()) });
  const stdin = [Buffer.from('\n'), Buffer.from('x'), Buffer.from('\n')];
  const args = ['check', ...checkFlags, '--watch', `${origin}/`];
  const { code, stdout, stderr } = await runCommand(args, { stdin });
  expect(asked).toEqual(['/', '/', '/']);
  expect(stdout.match(/^broken/gm)).toHaveLength(3);
  expect(stderr.match(/^Press Enter to check again/gm)).toHaveLength(3);
  expect(code).toBe(1);

  await close();
  const away = await runCommand(args, { stdin: '\n' });
  expect(away.stderr.match(/^The server cannot be reached/gm)).toHaveLength(2);
  expect(away.code).toBe(2);
});

test('--watch reads Enter from where the key cannot be', async () => {
  const args = ['check', '--variants', 'thumb', '--watch', '--key-file', '-', 'http://localhost:1/'];
  const { code, stderr } = await runCommand(args, { stdin: 'key', env: {} });
  expect(code).toBe(2);
  expect(stderr).toContain('standard input reads Enter');
});
