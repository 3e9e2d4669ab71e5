/** The committed vectors against the libraries, random images against the libraries, and signed URLs against servers. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Account } from '../proxies/account.ts';
import { randomFrom } from '../support/random.ts';
import { mayHaveUrl, namesOfEachCharacter } from '../support/random-names.ts';
import { type Signed, type StoreSetup, signedBy, signerOf, storeFault } from '../support/store-law.ts';
import { walkServers } from './servers.ts';
import { type Given, givenOf, randomGiven, type Store, stores } from './stores.ts';

const file = join(import.meta.dirname, '../vectors/stores.json');
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const count = Number(process.env['COUNT'] ?? 1_000);

type Setup = StoreSetup & { readonly vectors: readonly Signed[] };

/** Some end at midnight, where a date changes. */
function randomTimes(random: () => number, longest = 31_622_400) {
  const second = 1_000_000_000 + Math.floor(random() * 1_100_000_000);
  const issuedAt = random() < 0.75 ? second : second - (second % 86_400) - Math.floor(random() * 2);
  return { issuedAt, exp: issuedAt + 1 + Math.floor(random() * longest) };
}

/** @returns undefined for a URL that the scheme does not sign, and that the store would read in two ways */
async function vectorOf(store: Store, given: Given, random: () => number): Promise<Signed | undefined> {
  const { issuedAt, exp } = randomTimes(random, store.longest);
  const isSigned = signedBy(signerOf(store, issuedAt, exp - issuedAt), given.url) !== undefined;
  if (!isSigned && (store.refuses?.(given.url) ?? false)) return undefined;
  return [given.url, given.id, issuedAt, exp, await store.sign(given, { issuedAt, exp })];
}

export async function walkStores(selected: readonly string[]): Promise<boolean> {
  const account = new Account();
  account.note(`seed ${seed}: run again with SEED=${seed}`);
  const setups = JSON.parse(readFileSync(file, 'utf8')).setups as readonly Setup[];
  for (const store of stores) {
    const { title } = store;
    if (selected.length > 0 && !selected.some((word) => title.includes(word))) continue;
    const vectors = setups.find((setup) => setup.title === title)?.vectors ?? [];
    account.check(
      `${title}: the library makes the ${vectors.length} vectors`,
      ...(await vectorFault(store, vectors)),
    );
    account.check(
      `${title}: ${count} random images are signed as by the library`,
      ...(await randomFault(store)),
    );
  }
  if (selected.length === 0 || selected.includes('servers')) await walkServers(account, seed);
  return account.close();
}

type Verdict = [passed: boolean, details: readonly string[]];

async function vectorFault(store: Store, vectors: readonly Signed[]): Promise<Verdict> {
  for (const [url, id, issuedAt, exp, signed] of vectors) {
    const [, query = ''] = url.split('?');
    const parameters = [...new URLSearchParams(query.replaceAll('+', '%2B'))];
    const given = { url, id, parameters: store.given ? [[sourceOf(url, id), '']] : parameters } as Given;
    const wanted = await store.sign(given, { issuedAt, exp });
    if (wanted !== signed) return [false, [`${url} becomes ${wanted}, not ${signed}`]];
  }
  return [vectors.length > 0, ['there is none']];
}

/** Of imgproxy: the source as its library takes it. */
function sourceOf(url: string, id: string): string {
  const [, plain] = url.split('/plain/');
  return plain ?? id;
}

async function randomFault(store: Store): Promise<Verdict> {
  const random = randomFrom(seed);
  let signed = 0;
  for (let left = count; left > 0; left--) {
    const vector = await vectorOf(store, randomGiven(random, store), random);
    if (vector === undefined) continue;
    signed++;
    const fault = storeFault(store, vector);
    if (fault !== undefined) return [false, [fault]];
  }
  return [signed > count / 10, [`only ${signed} were signed`]];
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
    'Made by `npm run test:stores -- --write` with the libraries of the stores: URL, id, time of issue, expiry, signed URL.';
  writeFileSync(file, `{"note": ${JSON.stringify(note)}, "setups": [\n${lines.join(',\n')}\n]}\n`);
}
