/** Checked by the compiler alone: the type of a secret, from however it is given. */
import { defineScheme } from 'image-signer/schemes';

const query = { name: 'a', url: 'https://a.example', token: 'x' };
const own = { name: 'a', url: 'https://a.example', strip: String, fingerprint: 'a' };

defineScheme({
  ...query,
  secret: async () => ({ value: 'abc', expiration: new Date() }),
  sign: (_parts, { secret }) => ({ x: secret.toUpperCase() }),
});
defineScheme({ ...query, secret: process.env.KEY, sign: (_, { secret }) => ({ x: secret.toUpperCase() }) });
defineScheme({ ...query, secret: ['a', 'b'], sign: (_, { secret }) => ({ x: secret.toUpperCase() }) });
defineScheme({
  ...own,
  secret: () => ['a', 'b'],
  match: (_url, { id }) => ({ id, more: 1 }),
  sign: (url, { secret }, { path }) => url + secret.toUpperCase() + path,
  verify: (url, _now, secrets) =>
    secrets[0]?.toUpperCase() === url ? { ok: false, reason: 'expired' } : { ok: true, expiresAt: 1 },
});
defineScheme({
  ...own,
  secret: { id: 'a', key: 'b' },
  match: (_url, { id }) => ({ id, more: 1 }),
  sign: (url, { secret }) => url + secret.key.toUpperCase(),
});
