/**
 * `npm run fuzz -- tree` runs a law of `test/properties` for longer, and without a name all: ten rounds, or `ROUNDS`, each at
 * four times its length and with a seed of its own. `SEED` is that of the first. It ends with 1 at the first fault.
 */
import { spawnSync } from 'node:child_process';

const rounds = Number(process.env['ROUNDS'] ?? 10);
const first = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const names = process.argv.slice(2);
const files = names.length === 0 ? ['test/properties/'] : names.map((name) => `test/properties/${name}.test`);
for (let round = 0; round < rounds; round++) {
  // A law takes the numbers behind its seed, so those of two rounds are far apart.
  const env = { ...process.env, PROPERTIES: 'long', SEED: String(first + round * 1_000_000) };
  const { status } = spawnSync('npx', ['vitest', 'run', ...files], { env, stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}
