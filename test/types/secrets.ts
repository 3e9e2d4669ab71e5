/** Checked by the compiler alone: the type of a secret, from however it is given. */
import { defineScheme } from 'image-signer/schemes';

defineScheme({
  name: 'a',
  url: 'https://a.example',
  token: 'x',
  secret: async () => ({ value: 'abc', expiration: new Date() }),
  sign: (_parts, { secret }) => ({ x: secret.toUpperCase() }),
});
defineScheme({
  name: 'a',
  url: 'https://a.example',
  token: 'x',
  secret: process.env.KEY,
  sign: (_parts, { secret }) => ({ x: secret.toUpperCase() }),
});
defineScheme({
  name: 'a',
  url: 'https://a.example',
  token: 'x',
  secret: ['a', 'b'],
  sign: (_parts, { secret }) => ({ x: secret.toUpperCase() }),
});
defineScheme({
  name: 'a',
  url: 'https://a.example',
  secret: () => ['a', 'b'],
  match: (_url, { id }) => ({ id, more: 1 }),
  strip: (url) => url,
  sign: (url, { secret }, { path }) => url + secret.toUpperCase() + path,
  verify: (url, _now, secrets) =>
    secrets[0]?.toUpperCase() === url ? { ok: false, reason: 'expired' } : { ok: true, expiresAt: 1 },
  fingerprint: 'a',
});
defineScheme({
  name: 'a',
  url: 'https://a.example',
  secret: { id: 'a', key: 'b' },
  match: (_url, { id }) => ({ id, more: 1 }),
  strip: (url) => url,
  sign: (url, { secret }) => url + secret.key.toUpperCase(),
  fingerprint: 'a',
});
