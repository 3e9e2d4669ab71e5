/** `imageGuard` before whatever delivers pictures: it judges the path as it was sent, and answers alike everywhere. */
import { expect } from 'vitest';
import { createSigner } from '../../../src/index.ts';
import type { RawResponse } from '../../support/http/raw.ts';
import { instant } from '../../support/samples.ts';
import type { Guarded } from '../stores/store.ts';
import { expiryOf, type Subject } from '../subject.ts';
import type { Behaviours, Visit } from './behaviour.ts';

interface Ground extends Guarded {
  readonly signed: string;
  readonly token: string;
  readonly expiresAt: number;
  /** In seconds: how long the token is good for. */
  readonly left: number;
}

function groundOf({ guarded, options }: Subject): Ground {
  const ground = guarded!; // where there is no guard, nothing asks
  const all = { ttl: '1d', now: () => instant, ...options, ...ground.options };
  const signer = createSigner(all as never);
  const signed = signer.signImage(ground.path);
  const expiresAt = expiryOf(signed, signer);
  const token = signed.slice(ground.path.length);
  const refusals: Guarded['refusals'] = [
    [ground.path, 403, 'missing-signature'],
    [ground.other + token, 403, 'bad-signature'],
    [signed.replace('?', '?w=1&'), 403, 'bad-signature'],
    ...ground.refusals,
  ];
  return { ...ground, refusals, signed, token, expiresAt, left: expiresAt - instant / 1000 };
}

function expectRefused({ status, text, header }: RawResponse, expected: number): void {
  expect([status, text]).toEqual([expected, expected === 403 ? 'Forbidden\n' : 'Not Found\n']);
  expect([header('cache-control'), header('x-content-type-options'), header('content-type')]).toEqual([
    'no-store',
    'nosniff',
    'text/plain; charset=utf-8',
  ]);
}

function withoutToken(url: string): string {
  return url.replace(/[?&]exp(?:ires)?=.*/, '');
}

/** Other spellings of a path, some of which servers and handlers take for the same. */
function aliasesOf({ at, path }: Ground): string[] {
  const rest = path.slice(at.length);
  const [name, folder, file] = [at.slice(1), path.slice(0, path.lastIndexOf('/')), path.split('/').at(-1)!];
  return [
    ...[
      `/%${name.charCodeAt(0).toString(16)}${name.slice(1)}`,
      `${at}%2f`,
      `/${at}`,
      `/.${at}`,
      `/x/..${at}`,
      `/x/%2e%2e${at}`,
      at.toUpperCase(),
    ].map((mount) => mount + rest),
    ...[
      '/',
      '//',
      '/.',
      '%00',
      '%20',
      ';x',
      '%2f',
      '%5c',
      '\\',
      '%',
      '%zz',
      '%ff',
      '%0d%0a',
      '.webp',
      '%252f',
    ].map((tail) => path + tail),
    ...['//', '/./', '/x/../', '%2f', '\\', '%5C', '/%2e/'].map((between) => folder + between + file),
  ];
}

/** Whether `URL` makes the path of an alias: it resolves dot segments and backslashes. */
function isSamePath(alias: string, path: string): boolean {
  return new URL(`http://shop.example${alias}`).pathname === path;
}

async function expectNoImage(site: Awaited<ReturnType<Visit>>, target: string): Promise<void> {
  const { status, text } = await site.ask(target);
  expect([400, 403, 404], target).toContain(status);
  expect(text, target).not.toContain('canary');
}

export const guard: Behaviours = {
  'a good token passes, is named to the handler, and limits the lifetime': async (visit, subject) => {
    const { at, image, path, signed, expiresAt, left } = groundOf(subject);
    const { status, text, header } = await (await visit('guarded')).ask(signed);
    expect(status).toBe(200);
    expect(JSON.parse(text.slice('canary '.length))).toEqual({
      ok: true,
      image: { url: path, ...image },
      path: path.slice(at.length),
      expiresAt,
      keyIndex: 0,
    });
    expect(header('cache-control')).toBe(`private, max-age=${left}`);
  },

  'what is always public passes, and keeps the headers of the app': async (visit, subject) => {
    const { path } = groundOf(subject);
    const site = await visit('guarded');
    const preview = path.replace('/thumb', '/preview');
    for (const target of [preview, `${preview}?exp=1&sig=2`]) {
      const { status, text, header } = await site.ask(target);
      expect([status, JSON.parse(text.slice('canary '.length)).alwaysPublic]).toEqual([200, true]);
      expect(header('cache-control')).toBe('public, max-age=31536000');
    }
  },

  'everything else is refused in one line, and the reason is reported': async (visit, subject) => {
    const { refusals } = groundOf(subject);
    const site = await visit('guarded');
    for (const [target, status, reason] of refusals) {
      expectRefused(await site.ask(target), status);
      const told = JSON.stringify(await site.told());
      expect(JSON.parse(told)).toEqual([
        { type: 'refused', url: expect.stringContaining(withoutToken(target)), reason },
      ]);
      expect(told).not.toMatch(/[0-9a-f]{64}/);
    }
  },

  'a token is good until it expires': async (visit, subject) => {
    const { signed, left } = groundOf(subject);
    const site = await visit('guarded');
    await site.setClock(left - 1);
    expect((await site.ask(signed)).header('cache-control')).toBe('private, max-age=1');
    await site.setClock(left);
    expectRefused(await site.ask(signed), 403);
  },

  'HEAD is judged as GET is': async (visit, subject) => {
    const { path, signed, left } = groundOf(subject);
    const site = await visit('guarded');
    const [passed, refused] = [
      await site.ask(signed, { method: 'HEAD' }),
      await site.ask(path, { method: 'HEAD' }),
    ];
    expect([passed.status, passed.header('cache-control'), passed.body.length]).toEqual([
      200,
      `private, max-age=${left}`,
      0,
    ]);
    expect([refused.status, refused.header('cache-control'), refused.body.length]).toEqual([
      403,
      'no-store',
      0,
    ]);
  },

  'no other spelling of an image brings it': async (visit, subject) => {
    const { path, token } = groundOf(subject);
    const site = await visit('guarded');
    for (const alias of aliasesOf(groundOf(subject)).filter((each) => !isSamePath(each, path)))
      await expectNoImage(site, alias + token);
  },

  'a spelling that a URL resolves to an image brings none': async (visit, subject) => {
    const { path, token } = groundOf(subject);
    const site = await visit('guarded');
    const aliases = aliasesOf(groundOf(subject)).filter((each) => isSamePath(each, path));
    expect(aliases.length).toBeGreaterThan(3);
    for (const alias of aliases) await expectNoImage(site, alias + token);
  },
  'mode report lets all pass, and reports what it would have refused': async (visit, subject) => {
    const { refusals } = groundOf(subject);
    const site = await visit('guarded-lightly');
    for (const [target, , reason] of refusals) {
      const { status, text } = await site.ask(target);
      expect([status, text]).toEqual([200, 'canary null']);
      expect(await site.told()).toEqual([expect.objectContaining({ type: 'refused', reason })]);
    }
  },
};
