/** The playground's replacements for `node:crypto` and `Buffer` do the same as those of Node.js. */
import * as node from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BrowserBuffer } from '../../docs/.vitepress/theme/playground/runtime/browser-buffer.ts';
import * as browser from '../../docs/.vitepress/theme/playground/runtime/crypto.ts';
import { anyText } from '../support/generators/any-text.ts';
import '../support/seed.ts';

const digests = ['md5', 'sha1', 'sha256', 'sha512'] as const;
const encodings = ['hex', 'base64', 'base64url'] as const;

const digest = fc.constantFrom(...digests);
const encoding = fc.constantFrom(...encodings);
/** Longer than a block of every digest, and with half a surrogate pair. */
const text = anyText({ maxLength: 300 });
const bytes = fc.uint8Array({ maxLength: 300 });

describe('computes what node:crypto computes', () => {
  test('MACs, with keys as text and as bytes', () => {
    fc.assert(
      fc.property(digest, encoding, fc.oneof(text, bytes), text, bytes, (name, as, key, first, second) => {
        const [ours, theirs] = [browser, node].map(({ createHmac, createSecretKey }) => {
          const secret =
            typeof key === 'string' ? createSecretKey(key, 'utf8') : createSecretKey(Buffer.from(key));
          const mac = () =>
            createHmac(name, secret as never)
              .update(first)
              .update(second);
          const plain = createHmac(name, Buffer.from(key as string))
            .update(first)
            .digest('hex');
          return [mac().digest(as), mac().digest().toString('hex'), plain, secret.export().toString('hex')];
        });
        expect(ours).toEqual(theirs);
      }),
    );
  });

  test('hashes', () => {
    fc.assert(
      fc.property(digest, encoding, fc.oneof(text, bytes), (name, as, data) => {
        const theirs = node.createHash(name).update(data).digest(as);
        expect(browser.hash(name, data, as)).toBe(theirs);
        expect(browser.createHash(name).update(data).digest(as)).toBe(theirs);
      }),
    );
  });

  test('comparisons', () => {
    const outcome = (
      compare: (a: Uint8Array, b: Uint8Array) => boolean,
      ...pair: [Uint8Array, Uint8Array]
    ) => {
      try {
        return compare(...pair);
      } catch (error) {
        return (error as Error).name;
      }
    };
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(browser.timingSafeEqual(a, a.slice())).toBe(true);
        expect(outcome(browser.timingSafeEqual, a, b)).toBe(outcome(node.timingSafeEqual, a, b));
      }),
    );
  });

  test('and a key does not reveal its bytes', () => {
    const key = browser.createSecretKey('correct horse battery staple');
    expect(JSON.stringify(key)).toBe('{}');
    expect(Object.keys(key)).toEqual([]);
    key.export().fill(0);
    expect(key.export().toString()).toBe('correct horse battery staple');
  });
});

describe('the Buffer of the browser reads and writes like that of Node.js', () => {
  const all = ['utf8', 'latin1', 'hex', 'base64', 'base64url', 'utf16le'] as const;

  test.each(all)('%s', (name) => {
    fc.assert(
      fc.property(bytes, text, fc.nat(300), fc.nat(300), (given, written, start, end) => {
        const [ours, theirs] = [BrowserBuffer.from(given), Buffer.from(given)];
        expect(ours.toString(name)).toBe(theirs.toString(name));
        expect(ours.toString(name, start, end)).toBe(theirs.toString(name, start, end));
        const source =
          name === 'utf8' || name === 'latin1' || name === 'utf16le' ? written : theirs.toString(name);
        expect([...BrowserBuffer.from(source, name)]).toEqual([...Buffer.from(source, name)]);
        expect(BrowserBuffer.isEncoding(name)).toBe(true);
      }),
    );
  });

  test('and cuts, copies and compares as it does', () => {
    fc.assert(
      fc.property(bytes, fc.nat(300), fc.nat(300), fc.nat(255), (given, start, end, byte) => {
        const results = [BrowserBuffer, Buffer].map((kind) => {
          const buffer = (kind as typeof Buffer).from(given);
          const cut = buffer.subarray(start, end);
          const copy = (kind as typeof Buffer).allocUnsafe(given.length).fill(0);
          const at = Math.min(start, given.length);
          buffer.copy(copy, at, 0, end);
          return {
            cut: cut.toString('hex'),
            copy: copy.toString('hex'),
            index: buffer.indexOf(byte, start),
            joined: (kind as typeof Buffer).concat([cut, buffer]).toString('hex'),
            same: [buffer.equals(cut), buffer.equals((kind as typeof Buffer).from(given))],
            isBuffer: (kind as typeof Buffer).isBuffer(cut),
          };
        });
        expect(results[0]).toEqual(results[1]);
      }),
    );
  });
});
