/** A query that was signed in another order, with other parameters or in other spellings, is found among many. */
import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { explainUrl } from '../../../src/diagnosis.ts';
import { accountHash, base, id, instant, key } from '../../support/samples.ts';

const options = { ...base, accountHash, now: (): number => instant };
const path = `/${accountHash}/${id}/thumb`;
const exp = 'exp=1790050000';

/** What is said of a URL that is not as it was signed. */
function codesOf(signed: readonly string[], given: readonly string[]): string[] {
  const sig = createHmac('sha256', key)
    .update(`${path}?${signed.join('&')}`)
    .digest('hex');
  const url = `https://imagedelivery.net${path}?${given.join('&')}&sig=${sig}`;
  return explainUrl(url, options).findings.map(({ code }) => code);
}

const given = ['c=1', 'b=2', exp, 'a=3', 'e=4', 'w=5'];

test.each([
  ['by name', ['a=3', 'b=2', 'c=1', 'e=4', exp, 'w=5']],
  ['by name, with the expiry last', ['a=3', 'b=2', 'c=1', 'e=4', 'w=5', exp]],
  ['from the end', given.toReversed()],
  ['with the expiry first', [exp, 'c=1', 'b=2', 'a=3', 'e=4', 'w=5']],
  ['with the expiry last', ['c=1', 'b=2', 'a=3', 'e=4', 'w=5', exp]],
])('signed %s', (_title, signed) => {
  expect(codesOf(signed, given)).toEqual(['parameters-reordered']);
});

test.each([
  ['in the URL’s order', ['a=1', exp, 'b=2']],
  ['with the expiry last', ['a=1', 'b=2', exp]],
  ['with the expiry first', [exp, 'a=1', 'b=2']],
])('signed %s, and without a parameter that came later', (_title, signed) => {
  expect(codesOf(signed, ['a=1', exp, 'utm_source=mail', 'b=2'])).toEqual(['parameter-added']);
});

test.each([
  ['as the URL has the expiry', ['a=x%20y', exp, 'b=2']],
  ['with the expiry last', ['a=x%20y', 'b=2', exp]],
])('signed with a space in another spelling, %s', (_title, signed) => {
  expect(codesOf(signed, ['a=x+y', exp, 'b=2'])).toEqual(['parameters-reencoded']);
});

test('what was added behind the token is not taken for digits of the expiry', () => {
  const sig = createHmac('sha256', key).update(`${path}?${exp}`).digest('hex');
  const { findings } = explainUrl(`https://imagedelivery.net${path}?${exp}&sig=${sig}&gt`, options);
  expect(findings.map(({ code }) => code)).toEqual(['parameter-added']);
});
