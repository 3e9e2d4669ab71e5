/**
 * What is particular to a store, as rows of `vectors/schemes`. A text there that begins with `?` is behind the `image`, and
 * one with `/` under the first `url`; an empty one is the image. `changed` replaces in a signed URL what an expression finds.
 */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { explainUrl } from '../../src/diagnosis.ts';
import { signerOf } from '../support/oracles/store-law.ts';
import { callsOf, errorOf, termsFrom } from '../support/schemes/calls.ts';
import { factories, makeScheme, type Options, type Row, tables } from '../support/schemes/table.ts';

const issuedAt = 1_790_000_000;
const terms = termsFrom(issuedAt, 3_600);

describe.each(tables.map((table) => [table.title ?? table.scheme, table] as const))('%s', (_, table) => {
  const { scheme: name, options, image, secrets } = table;
  const make = (change: Options = {}) => makeScheme(name, { ...options, ...change });
  const calls = callsOf(make());
  const base = table.base ?? String([options['url']].flat()[0]);
  const at = (text: string): string => {
    if (text === '' || text.startsWith('?')) return image + text;
    return text.startsWith('/') ? base + text : text;
  };
  const rows = <Value>(row: Row<Value> = {}): readonly (readonly [string, Value])[] => Object.entries(row);
  function expectHidden(shown: string): void {
    for (const secret of secrets) expect(shown).not.toContain(secret);
  }

  test('signs the published examples', () => {
    for (const [change, url, from, exp, signed] of table.signed ?? [])
      expect(callsOf(make(change)).sign(url, termsFrom(from, exp - from))).toBe(signed);
  });

  test('has one spelling of each URL', () => {
    for (const [given, start] of rows(table.spelled)) {
      const signed = calls.sign(at(given), terms);
      expect(signed.slice(0, at(start).length), given).toBe(at(start));
      expect(calls.verdict(signed, issuedAt)).toBe('ok');
      expect(calls.sign(calls.strip(signed), terms)).toBe(signed);
    }
  });

  test('takes tokens off, and leaves the rest as it is written', () => {
    for (const [given, rest] of rows(table.stripped)) {
      expect(calls.strip(at(given)), given).toBe(at(rest));
      expect(calls.strip(calls.strip(calls.sign(at(rest), terms))), rest).toBe(
        calls.strip(calls.sign(at(rest), terms)),
      );
    }
    expect(calls.strip(calls.sign(image, terms))).toBe(image);
  });

  test('signs what is plainly one image, and nothing else', () => {
    for (const [given, id] of rows(table.takes)) expect(calls.id(at(given)), given).toBe(id);
    for (const given of table.refuses ?? []) expect(calls.id(at(given)), given).toBeUndefined();
  });

  test('says why a token does not verify', () => {
    for (const [given, reason] of rows(table.verdicts))
      expect(calls.verdict(at(given), 0), given).toBe(reason);
  });

  test('verifies no token that was changed, and none without a time', () => {
    const signed = calls.sign(image + (table.query ?? ''), terms);
    if (name === 'cloudflareWaf') return expect(calls.verdict(signed, issuedAt)).toBeUndefined();
    const times = [issuedAt, terms.exp - 1, terms.exp, Number.NaN].map((now) => calls.verdict(signed, now));
    expect(times).toEqual(['ok', 'ok', 'expired', 'expired']);
    for (const [found, replacement, reason = /^(?:mal|bad)/] of table.changed ?? []) {
      const changed = signed.replace(new RegExp(found), replacement);
      expect(changed).not.toBe(signed);
      expect(calls.verdict(changed, 0), changed).toMatch(reason);
    }
    return undefined;
  });

  test('has a fingerprint of all that decides a token, and shows no secret', () => {
    const schemes = [{}, ...table.fingerprints].map(make);
    expect(new Set(schemes.map((each) => callsOf(each).fingerprint)).size).toBe(schemes.length);
    expect(callsOf(make()).fingerprint).toBe(calls.fingerprint);
    for (const each of schemes) {
      const { definition, fingerprint } = callsOf(each);
      expect(inspect(each)).toBe(`{ name: '${table.name}' }`);
      expect(JSON.stringify(each)).toBe(`{"name":"${table.name}"}`);
      for (const value of [each, definition]) expectHidden(inspect(value, { depth: 20, showHidden: true }));
      expectHidden(fingerprint + JSON.stringify(definition));
    }
  });

  test('is limited by prefixes', () => {
    const limited = callsOf(
      make({
        prefixes: ['\u00e9/', 'https://photos.example/a/'].slice(
          name === 'imgproxy' ? 1 : 0,
          name === 'imgproxy' ? 2 : 1,
        ),
      }),
    );
    expect([limited.definition.isLimited, calls.definition.isLimited]).toEqual([true, false]);
    expect(limited.id(image)).toBeUndefined();
    if (name !== 'imgproxy') expect(limited.id(`${base}/%C3%A9/a.jpg`)).toBe('\u00e9/a.jpg');
  });

  const signer = signerOf(table, issuedAt);

  test('keeps of a query what it signs, and takes off the rest', () => {
    for (const [given, rest] of rows(table.cleaned)) {
      const signed = signer.signImage(at(given));
      expect(signed, given).toBe(signer.signImage(at(rest)));
      expect(signer.signImage(signed)).toBe(signed);
      expect(signer.unsignImage(signed)).toBe(at(rest));
    }
  });

  test('explains what is wrong with a URL', () => {
    if (name === 'cloudflareWaf') return; // its rule alone verifies
    const signed = signer.signImage(image);
    expect(explainUrl(signed, { signer })).toMatchObject({ ok: true, image: { id: calls.id(image) } });
    const late = signerOf(table, terms.exp);
    expect(explainUrl(signed, { signer: late }).findings).toMatchObject([{ code: 'expired' }]);
    for (const [given, [code, words]] of rows(table.explained)) {
      const url = given === 'a changed image' ? signed.replace('a.jpg', 'b.jpg') : at(given);
      const { ok, findings } = explainUrl(url, { signer });
      expect([ok, findings.map((each) => each.code)], given).toEqual([false, [code]]);
      expect(findings[0]!.message + findings[0]!.fix).toContain(words);
    }
  });

  test('signs the host as browsers send it, and leaves it as it is written', () => {
    const [, scheme, host, rest] = /^(https?:)(\/\/[^/]+)(.*)$/.exec(image)!;
    const token = calls.sign(image, terms).slice(scheme!.length + host!.length);
    for (const origin of [host!, `${scheme!.toUpperCase()}${host!.toUpperCase()}`])
      expect(calls.sign(origin + rest, terms)).toBe(origin + token);
  });

  const { url: address } = options;
  const general: Row<readonly [change: Options, option: string, message: string]> = {
    'an unknown option': [{ publicRead: 1 }, 'publicRead', 'url'],
    'a mistyped option': [{ urls: 'x' }, 'urls', 'Did you mean `url`?'],
    'another scheme': [{ url: 'ftp://photos.example' }, 'url', 'url'],
    'a url with a query': [{ url: 'https://photos.example?x' }, 'url', 'url'],
    'no url': [{ url: [] }, 'url', 'url'],
    'one url twice': [{ url: [[address].flat()[0], [address].flat()[0]] }, 'url', 'url'],
    'no prefix': [{ prefixes: [] }, 'prefixes', 'prefixes'],
    'a prefix without a slash': [{ prefixes: 'uploads' }, 'prefixes', 'slash at its end'],
    'a prefix with two': [{ prefixes: ['uploads/', '/uploads/'] }, 'prefixes', 'prefixes'],
    'a prefix that is none': [{ prefixes: 5 }, 'prefixes', 'prefixes'],
  };
  test.each(rows({ ...general, ...table.mistakes }))(
    '%s is a mistake',
    (_title, [change, option, message]) => {
      const error = errorOf(() => make(change));
      expect(error.code).toBe('INVALID_OPTION');
      expect(error.option?.replace(/\.\d$/, '')).toBe(option.replace(/\.\d$/, ''));
      expect(error.message).toContain(message);
      expectHidden(error.message);
    },
  );

  test.each(table.required ?? Object.keys(options))('`%s` is required', (option) => {
    for (const given of [null, ''])
      expect(errorOf(() => make({ [option]: given }))).toMatchObject({ code: 'INVALID_OPTION', option });
  });

  test.each([undefined, null, 5, 'text', [], () => undefined])('%o is no object of options', (given) => {
    expect(errorOf(() => factories[name]!(given)).message).toContain(`${name} expected options`);
  });

  test.each(rows(table.accepted))('%s is accepted', (_title, change) => {
    expect(() => make(change)).not.toThrow();
  });
});
