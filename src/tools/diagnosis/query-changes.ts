/**
 * The queries that a URL may have had when it was signed: without parameters that were added since, in another order, or
 * encoded in another way. Their number is limited, however many parameters there are.
 */
import { formDecode } from '../../url/percent-encoding.ts';
import { type Parameter, type SignedParts, textOf, toParameter } from './signed-parts.ts';
import type { Candidate } from './signed-texts.ts';

/** Up to this number of parameters, all 31 subsets are tried. */
const maxForSubsets = 5;
/** Up to this number of parameters, `exp` included, all 24 orders are tried. */
const maxForOrders = 4;
/** With more parameters, only this many single ones are left out, and this many at the end. */
const maxRemovals = 16;

export function* queryChanges(parts: SignedParts): Generator<Candidate> {
  const { path, unsigned } = parts;
  const others = unsigned.filter(({ name }) => name !== 'exp');
  if (others.length === 0) return;
  for (const order of ordersOf(unsigned)) {
    const says = 'the same parameters in another order';
    yield { text: textOf(path, order), code: 'parameters-reordered', says };
  }
  for (const order of [unsigned, withExpiryLast(unsigned)]) {
    for (const encode of encodings) {
      const says = 'the same parameters, percent-encoded in another way';
      yield { text: textOf(path, order.map(encode)), code: 'parameters-reencoded', says };
    }
  }
  for (const removed of removalsOf(others)) {
    const kept = unsigned.filter((each) => !removed.includes(each));
    const names = removed.length === 1 ? 'one parameter' : `${removed.length} parameters`;
    const says = `the query without ${names} that the URL has now`;
    for (const order of [kept, withExpiryLast(kept), [...withExpiryFirst(kept)]])
      yield { text: textOf(path, order), code: 'parameter-added', says, removed };
  }
}

function withExpiryLast(parameters: readonly Parameter[]): Parameter[] {
  return parameters.toSorted((a, b) => Number(a.name === 'exp') - Number(b.name === 'exp'));
}

function withExpiryFirst(parameters: readonly Parameter[]): Parameter[] {
  return parameters.toSorted((a, b) => Number(b.name === 'exp') - Number(a.name === 'exp'));
}

function* ordersOf(parameters: readonly Parameter[]): Generator<readonly Parameter[]> {
  yield withExpiryLast(parameters);
  yield withExpiryFirst(parameters);
  if (parameters.length <= maxForOrders) {
    yield* permutationsOf(parameters);
    return;
  }
  const sorted = parameters.toSorted((a, b) => (a.text < b.text ? -1 : 1));
  yield sorted;
  yield withExpiryLast(sorted);
  yield parameters.toReversed();
}

function* permutationsOf(parameters: readonly Parameter[]): Generator<readonly Parameter[]> {
  if (parameters.length < 2) {
    yield parameters;
    return;
  }
  for (const first of parameters) {
    const rest = parameters.filter((each) => each !== first);
    for (const tail of permutationsOf(rest)) yield [first, ...tail];
  }
}

/** The most likely ones first: all, each alone, those at the end. */
function* removalsOf(others: readonly Parameter[]): Generator<readonly Parameter[]> {
  yield others;
  if (others.length <= maxForSubsets) {
    for (let bits = 1; bits < 2 ** others.length - 1; bits++)
      yield others.filter((_, index) => (bits & (1 << index)) !== 0);
    return;
  }
  yield others.filter(({ name }) => isForAnalytics(name));
  for (const each of others.slice(-maxRemovals)) yield [each];
  for (let count = 2; count <= maxRemovals && count < others.length; count++) yield others.slice(-count);
}

/** Parameters that mail programs, social networks and advertisements add to any link. */
function isForAnalytics(name: string): boolean {
  return /^(?:utm_|mc_|_hs|hsa_|pk_|mtm_)|^(?:fbclid|gclid|gbraid|wbraid|dclid|msclkid|igshid|yclid|twclid|ttclid|_ga|_gl|ref)$/.test(
    name,
  );
}

/** How else a parameter may have been written: by `URLSearchParams`, by `encodeURIComponent`, or not encoded at all. */
const encodings: readonly ((parameter: Parameter) => Parameter)[] = [
  ({ name, value }) => toParameter(new URLSearchParams([[name, formDecode(value)]]).toString()),
  ({ name, value }) => toParameter(`${encode(name)}=${encode(formDecode(value))}`),
  ({ name, value }) => toParameter(`${name}=${formDecode(value)}`),
  ({ text }) => toParameter(text.replaceAll('+', '%20')),
  ({ text }) => toParameter(text.replaceAll('%20', '+')),
];

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
