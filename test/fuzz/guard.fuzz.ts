/**
 * `npm run fuzz -- guard`: a million requests by composed paths to every handler behind the guard. `SEED` makes the same
 * requests again, `REQUESTS` sets how many. It ends with 1 at the first file that its token does not open.
 */
import { leakOf, tokens, withToken } from '../support/guard-leak.ts';
import { guardedServers } from '../support/guarded-handlers.ts';
import { openStore, privateVariants, publicVariant } from '../support/image-store.ts';
import { aliasesOf, foreignIds, randomAlias } from '../support/path-aliases.ts';
import { randomFrom } from '../support/random.ts';
import { accountHash, id, signerWith } from '../support/samples.ts';
import { seed } from '../support/seed.ts';

const requests = Number(process.env['REQUESTS'] ?? 1_000_000);

const random = randomFrom(seed);
const signer = signerWith({
  delivery: '/images',
  accountHash,
  variants: { thumb: {}, card: {}, preview: { alwaysPublic: true } },
});
const [meant, other] = [`/images/${accountHash}/secret/thumb`, `/images/${accountHash}/${id}/thumb`];
const variants = [...privateVariants, publicVariant, publicVariant];
const store = await openStore();
const listeners = guardedServers.map(({ name, build }) => ({ name, listener: build(store, signer) }));
const known = [...aliasesOf(meant, publicVariant), ...foreignIds(store, [...privateVariants, publicVariant])];

for (let made = 0; made < requests; ) {
  const alias =
    made < known.length * listeners.length
      ? known[Math.floor(made / listeners.length)]!
      : randomAlias(random, store, variants);
  for (const { name, listener } of listeners) {
    const token = tokens[Math.floor(random() * tokens.length)]!;
    const leak = await leakOf(listener, withToken(signer, alias, token, meant, other), signer);
    if (leak !== undefined) {
      console.error(`${name}, with the token ${token}: ${leak}`);
      store.close();
      process.exit(1);
    }
    if (++made % 100_000 === 0) console.log(`${made} requests`);
  }
}
store.close();
