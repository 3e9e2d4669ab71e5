/** The scheme of `docs/own-scheme.md`, as it stands there. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { defineScheme, type Scheme } from '../../../src/schemes.ts';

/** `<url>?expires=<Unix seconds>&token=<hex HMAC-SHA256 of path and query before it>` */
export function myCdn(key: string): Scheme {
  const strip = (url: string): string => {
    const query = url.indexOf('?') + 1;
    const all = url.slice(query).split('&');
    const kept = all.filter((parameter) => !/^(?:expires|token)=/.test(parameter));
    if (query === 0 || kept.length === all.length) return url;
    return url.slice(0, kept.length > 0 ? query : query - 1) + kept.join('&');
  };
  const sign = (url: string, { exp }: { readonly exp: number }): string => {
    const text = `${url}${url.includes('?') ? '&' : '?'}expires=${exp}`;
    const signed = text.slice(text.indexOf('/private/')); // pages may leave the host out
    return `${text}&token=${createHmac('sha256', key).update(signed).digest('hex')}`;
  };
  return defineScheme({
    name: 'my-cdn',
    url: ['https://cdn.example/private', '/private'], // the path is for the guard
    match(url) {
      const [path = ''] = url.split('?', 1);
      const id = path.slice(path.indexOf('/private/') + '/private/'.length);
      return /^photos\/[\w/-]+\.jpg$/.test(id) ? { id } : undefined;
    },
    strip,
    sign,
    verify(url, now) {
      const expiresAt = Number(/[?&]expires=(\d{1,11})&token=/.exec(url)?.[1]);
      if (Number.isNaN(expiresAt)) return { ok: false, reason: 'missing-signature' };
      const given = Buffer.from(url);
      const right = Buffer.from(sign(strip(url), { exp: expiresAt }));
      if (given.length !== right.length || !timingSafeEqual(given, right))
        return { ok: false, reason: 'bad-signature' };
      return now < expiresAt ? { ok: true, expiresAt } : { ok: false, reason: 'expired' };
    },
    fingerprint: `my-cdn ${createHash('sha256').update(key).digest('hex')}`,
  });
}
