/** `npm run generate -- stores` writes the vectors of every store anew, with the libraries of the stores. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mayHaveUrl, namesOfEachCharacter } from '../../support/generators/names.ts';
import { randomFrom } from '../../support/generators/random.ts';
import { type Signed, type StoreSetup, signedBy, signerOf } from '../../support/oracles/store-law.ts';
import { type Given, givenOf, randomGiven, type Store, stores } from './stores.ts';

export const vectorsFile: string = join(import.meta.dirname, '../../vectors/stores.json');

export type Setup = StoreSetup & { readonly vectors: readonly Signed[] };

/** @returns undefined for a URL that the scheme does not sign, and that the store would read in two ways */
export async function vectorOf(
  store: Store,
  given: Given,
  random: () => number,
): Promise<Signed | undefined> {
  const { issuedAt, exp } = randomTimes(random, store.longest);
  const isSigned = signedBy(signerOf(store, issuedAt, exp - issuedAt), given.url) !== undefined;
  if (!isSigned && (store.refuses?.(given.url) ?? false)) return undefined;
  return [given.url, given.id, issuedAt, exp, await store.sign(given, { issuedAt, exp })];
}

/** Some end at midnight, where a date changes. */
function randomTimes(random: () => number, longest = 31_622_400) {
  const second = 1_000_000_000 + Math.floor(random() * 1_100_000_000);
  const issuedAt = random() < 0.75 ? second : second - (second % 86_400) - Math.floor(random() * 2);
  return { issuedAt, exp: issuedAt + 1 + Math.floor(random() * longest) };
}

/** The first setup of a scheme has every printable character, in few names; each has random ones. */
export async function writeVectors(): Promise<void> {
  const printable = namesOfEachCharacter.filter((name) => /^a[^/]b\.jpg$/.test(name)).map((name) => name[1]!);
  const names = [
    ...Array.from(
      { length: 16 },
      (_, at) => `uploads/x${printable.slice(6 * at, 6 * at + 6).join('-')}y.jpg`,
    ),
    ...namesOfEachCharacter.filter((name) => !/^a[^/]b\.jpg$/.test(name)),
  ].filter(mayHaveUrl);
  const setups: Setup[] = [];
  for (const store of stores) {
    const { title, scheme, options, base, given: own } = store;
    const random = randomFrom(7);
    const isFirst = !own && setups.every((each) => each.scheme !== scheme);
    const all = isFirst ? names.map((name) => givenOf(base, name)) : [];
    for (let left = isFirst ? 16 : 10; left > 0; left--) all.push(randomGiven(random, store));
    const vectors: Signed[] = [];
    for (const given of all) {
      const vector = await vectorOf(store, given, random);
      if (vector !== undefined) vectors.push(vector);
    }
    setups.push({ title, scheme, options, base, vectors });
  }
  const lines = setups.map(({ vectors, ...setup }) => {
    const rows = vectors.map((vector) => `    ${JSON.stringify(vector)}`).join(',\n');
    return `  {${JSON.stringify(setup).slice(1, -1)}, "vectors": [\n${rows}\n  ]}`;
  });
  const note =
    'Made by `npm run generate -- stores` with the libraries of the stores: URL, id, time of issue, expiry, signed URL.';
  writeFileSync(vectorsFile, `{"note": ${JSON.stringify(note)}, "setups": [\n${lines.join(',\n')}\n]}\n`);
}
