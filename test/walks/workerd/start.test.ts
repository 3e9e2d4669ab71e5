/** How the example Worker begins: settings that are wrong, and the process that `npm run example -- worker` starts. */
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readWranglerFile } from '../../../examples/worker/local/workerd/runtime.ts';
import type { Env } from '../../../examples/worker/settings.ts';
import { siteOf } from '../../../examples/worker/site.ts';
import { accountHash, key, url } from '../../support/samples.ts';
import { run } from '../../support/servers/gallery.ts';
import { bindings, send, sessionKey, startWorker } from '../../support/servers/worker.ts';

describe('wrangler.jsonc', () => {
  test('names what is there, and no secrets', async () => {
    const { main, compatibility_flags, vars } = await readWranglerFile();
    expect([main, compatibility_flags]).toEqual(['worker.ts', ['nodejs_compat']]);
    expect(Object.keys(vars).filter((name) => name.endsWith('KEY'))).toEqual([]);
    const env = { ...vars, IMAGES_KEY: key, SESSION_KEY: sessionKey } as Env;
    expect(siteOf(env)).toBe(siteOf(env));
  });

  test.each<[title: string, wrong: object, message: RegExp]>([
    ['no key', { IMAGES_KEY: undefined }, /^IMAGES_KEY is refused\. /],
    ['a key with white space', { IMAGES_KEY: ` ${key}\n` }, /^IMAGES_KEY is refused\. .*white space/],
    ['no session key', { SESSION_KEY: undefined }, /^SESSION_KEY is missing, /],
    ['a short session key', { SESSION_KEY: 'short-one' }, /^SESSION_KEY is missing, or shorter /],
    ['one key for both', { SESSION_KEY: key }, /^SESSION_KEY and IMAGES_KEY are the same\. /],
    ['no origin', { ORIGIN: undefined }, /^ORIGIN must be a scheme and a host, /],
    ['an origin with a path', { ORIGIN: 'https://origin.example/shop' }, /^ORIGIN must be /],
    ['an origin of another scheme', { ORIGIN: 'ftp://origin.example' }, /^ORIGIN must be /],
    ['an origin with credentials', { ORIGIN: 'https://a:b@origin.example' }, /^ORIGIN must be /],
    ['pages of nobody', { PAGES: 'all' }, /^PAGES must be 'viewer' or 'everybody'\.$/],
    ['no variants', { VARIANTS: {} }, /^VARIANTS is refused\. /],
    ['a preview that is not there', { DENIED_VARIANT: 'none' }, /^DENIED_VARIANT is refused\. /],
    ['a ttl in words', { IMAGES_TTL: '1 day' }, /^IMAGES_TTL is refused\. /],
    [
      'a short session key, though pages are for everybody',
      { SESSION_KEY: 'short-one', PAGES: 'everybody' },
      /^SESSION_KEY is missing, or shorter /,
    ],
    [
      'one key for both, though pages are for everybody',
      { SESSION_KEY: key, PAGES: 'everybody' },
      /^SESSION_KEY and IMAGES_KEY are the same\. /,
    ],
  ])('with %s it says how to fix it, and shows no key', async (_title, wrong, message) => {
    const { vars } = await readWranglerFile();
    const env = { ...vars, ...bindings, ...wrong } as Env;
    expect(() => siteOf(env)).toThrow(message);
    expect(() => siteOf(env)).not.toThrow(/a-key-for|what-sessions|short-one/);
  });
});

test('a visitor hears nothing of wrong settings', async () => {
  const worker = await startWorker({ ...bindings, PAGES: 'all' as never });
  const answers = [await send(worker.address, '/'), await send(worker.address, `/sign/${url('card')}`)];
  await worker.stop();
  for (const { status, headers, text } of answers)
    expect([status, headers['cache-control'], text]).toEqual([500, 'no-store', 'This site is not set up.\n']);
});

describe('npm run example -- worker', () => {
  const entry = 'examples/worker/local/start.ts';
  const { child, ended, output } = run({ PORT: '0' }, entry);
  let address: string;

  beforeAll(async () => {
    while (child.exitCode === null && !output().includes('Press Ctrl-C to stop.'))
      await once(child.stdout!, 'data');
    address = /The Worker is open: (http:\/\/\S+)/.exec(output())![1]!; // or it ended before
  });
  afterAll(() => void child.kill());

  const session = (): string => /Bearer (\S+)'/.exec(output())![1]!; // printed
  const path = (text: string): string[] =>
    Array.from(text.matchAll(/<img src="(\/images\/[^"]*)"/g), ([, src]) => src!.replaceAll('&amp;', '&'));

  test('shows pictures with their token, and none without', async () => {
    const { text } = await send(address, '/', { headers: { authorization: `Bearer ${session()}` } });
    const signed = path(text).filter((each) => each.includes('sig='));
    const previews = path(text).filter((each) => each.endsWith('/preview'));
    expect([signed.length, previews.length]).toEqual([3, 3]);
    for (const each of [...signed, ...previews]) {
      const { status, headers, body } = await send(address, each);
      expect([status, headers['content-type'], body.toString('latin1', 8, 12)]).toEqual([
        200,
        'image/webp',
        'WEBP',
      ]);
    }
    for (const each of signed) {
      const [bare = ''] = each.split('?');
      const changed = each.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
      for (const wrong of [bare, changed]) expect((await send(address, wrong)).status).toBe(403);
    }
  });

  test('signs a client in, who then has the page of hers', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const signIn = (body: string) => send(address, '/sign-in', { method: 'POST', headers: form, body });
    const { status, headers } = await signIn('client=ben');
    expect([status, headers.location]).toEqual([303, '/']);
    const [cookie = ''] = headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/^session=\S+; Max-Age=3600; Path=\/; HttpOnly; SameSite=Lax$/);
    const { text } = await send(address, '/', { headers: { cookie: cookie.split(';')[0]! } });
    expect(path(text).map((each) => each.includes('sig='))).toEqual([false, false, false, true, true, true]);
    const out = await send(address, '/sign-out', { method: 'POST', headers: { cookie } });
    expect(out.headers['set-cookie']).toEqual([expect.stringMatching(/^session=; Max-Age=0; /)]);
    expect((await signIn('client=eve')).status).toBe(400);
    expect((await signIn(`client=${'a'.repeat(1000)}`)).status).toBe(413);
  });

  test('prints three lines to try, which do as they say', async () => {
    const lines = Array.from(output().matchAll(/curl \S+ "\$ADA" (\S+)/g), ([, target]) => target!);
    const headers = { authorization: `Bearer ${session()}` };
    const answers = await Promise.all(
      lines.map((line) => send(address, line.slice(address.length) || '/', { headers })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 403]);
    expect((await send(address, answers[1]!.text)).status).toBe(200);
  });

  test.each([['http'], ['70000'], [() => new URL(address).port]])(
    'says in one line what is wrong with port %s',
    async (port) => {
      const PORT = typeof port === 'string' ? port : port();
      const { code, errors } = await run({ PORT }, entry).ended;
      expect(code).toBe(1);
      expect(errors).toMatch(
        /^(?:PORT must be a number from 0 to 65535, not "|Port \d+ is in use or not allowed\. ).+\n$/,
      );
    },
  );

  test('ends on Ctrl-C with 0', async () => {
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 0, signal: null, errors: '' });
    expect(output()).toContain(accountHash); // that of the file
  });
});
