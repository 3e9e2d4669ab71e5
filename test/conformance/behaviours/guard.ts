/** `imageGuard` before whatever delivers pictures: it judges the path as it was sent, and answers alike everywhere. */
import { expect } from 'vitest';
import type { RawResponse } from '../../support/raw.ts';
import { accountHash, id, instant, signerWith } from '../../support/samples.ts';
import type { Behaviours } from './behaviour.ts';

const signer = signerWith({ delivery: '/images', accountHash });
const folder = `/images/${accountHash}/${id}`;
const path = `${folder}/thumb`;
const signed = signer.signImage(path);
const token = signed.slice(path.length);
const expiresAt = Number(/exp=(\d+)/.exec(signed)![1]);
const left = expiresAt - instant / 1000;

const refusals: readonly (readonly [target: string, status: number, reason: string])[] = [
  [path, 403, 'missing-signature'],
  [`${folder}/card${token}`, 403, 'bad-signature'],
  [signed.replace('?', '?w=1&'), 403, 'bad-signature'],
  [`${path}?exp=1&sig=1`, 403, 'malformed-signature'],
  [`${folder}/original`, 403, 'variant-not-allowed'],
  [`/images/another/${id}/thumb`, 403, 'account-not-allowed'],
  ['/images/thumb', 404, 'not-a-delivery-url'],
];

function expectRefused({ status, text, header }: RawResponse, expected: number): void {
  expect([status, text]).toEqual([expected, expected === 403 ? 'Forbidden\n' : 'Not Found\n']);
  expect([header('cache-control'), header('x-content-type-options'), header('content-type')]).toEqual([
    'no-store',
    'nosniff',
    'text/plain; charset=utf-8',
  ]);
}

export const guard: Behaviours = {
  'a good token passes, is named to the handler, and limits the lifetime': async (visit) => {
    const { status, text, header } = await (await visit('guarded')).ask(signed);
    expect(status).toBe(200);
    const image = { url: path, base: '/images', accountHash, id, variant: 'thumb' };
    expect(JSON.parse(text.slice('canary '.length))).toEqual({
      ok: true,
      image,
      path: path.slice('/images'.length),
      expiresAt,
      keyIndex: 0,
    });
    expect(header('cache-control')).toBe(`private, max-age=${left}`);
  },

  'what is always public passes, and keeps the headers of the app': async (visit) => {
    const site = await visit('guarded');
    for (const target of [`${folder}/preview`, `${folder}/preview?exp=1&sig=2`]) {
      const { status, text, header } = await site.ask(target);
      expect([status, JSON.parse(text.slice('canary '.length)).alwaysPublic]).toEqual([200, true]);
      expect(header('cache-control')).toBe('public, max-age=31536000');
    }
  },

  'everything else is refused in one line, and the reason is reported': async (visit) => {
    const site = await visit('guarded');
    for (const [target, status, reason] of refusals) {
      expectRefused(await site.ask(target), status);
      expect(await site.told()).toEqual([{ type: 'refused', url: target.replace(/[?&]exp=.*/, ''), reason }]);
    }
  },

  'a token is good until it expires': async (visit) => {
    const site = await visit('guarded');
    await site.setClock(left - 1);
    expect((await site.ask(signed)).header('cache-control')).toBe('private, max-age=1');
    await site.setClock(left);
    expectRefused(await site.ask(signed), 403);
  },

  'HEAD is judged as GET is': async (visit) => {
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

  'no other spelling of an image brings it': async (visit) => {
    const site = await visit('guarded');
    const rest = path.slice('/images'.length);
    const aliases = [
      ...[
        '/%69mages',
        '/images%2f',
        '//images',
        '/./images',
        '/x/../images',
        '/x/%2e%2e/images',
        '/IMAGES',
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
      ...['//', '/./', '/x/../', '%2f', '\\', '%5C', '/%2e/'].map((between) => `${folder}${between}thumb`),
    ];
    for (const alias of aliases) {
      const { status, text } = await site.ask(alias + token);
      expect([400, 403, 404], alias).toContain(status);
      expect(text, alias).not.toContain('canary');
    }
  },

  'mode report lets all pass, and reports what it would have refused': async (visit) => {
    const site = await visit('guarded-lightly');
    for (const [target, , reason] of refusals) {
      const { status, text } = await site.ask(target);
      expect([status, text]).toEqual([200, 'canary null']);
      expect(await site.told()).toEqual([expect.objectContaining({ type: 'refused', reason })]);
    }
  },
};
