/** Multipart bodies: where parts begin and end, which of them are read, and what is held back. */
import { describe, expect, test } from 'vitest';
import { maxHeldBytes } from '../../../src/text/limits.ts';
import { growthOf } from '../../support/steps.ts';

const { cutAt, inChunksOf, rewriteInChunks, splitEverywhere } = await import(
  '../../support/generators/chunks.ts'
);
const { dataRewriter } = await import('../../support/data-rewriter.ts');
const { url } = await import('../../support/samples.ts');
const { isReadablePart } = await import('../../../src/http/eligibility.ts');

const U = url();
const json = `{"image":"${U}"}`;
const type = 'Content-Type: application/json';

type Boundary = { readonly boundary: string; readonly readsType: (type: string) => boolean };
const kind = (boundary = 'b'): Boundary => ({ boundary, readsType: isReadablePart });

/** A body of lines in which `@` stands for JSON with a URL, and `#` behind it for one that is signed. */
function bodyOf(lines: readonly string[], isSigned: boolean): string {
  return lines
    .join('\r\n')
    .replaceAll('@#', isSigned ? json.replace(U, `${U}#`) : json)
    .replaceAll('@', json);
}

function expectRead(lines: readonly string[], boundary?: string): void {
  const [given, expected] = [bodyOf(lines, false), bodyOf(lines, true)];
  const bytes = Buffer.from(given);
  expect(dataRewriter(kind(boundary)).end(bytes).toString()).toBe(expected);
  for (const chunks of [...splitEverywhere(bytes), inChunksOf(1, bytes)])
    expect(rewriteInChunks(dataRewriter(kind(boundary)), chunks).toString()).toBe(expected);
}

describe('the parts', () => {
  test.each<[title: string, lines: string[]]>([
    ['one', ['--b', type, '', '@#', '--b--', '']],
    ['one behind a line break', ['', '--b', type, '', '@#', '--b--', '']],
    ['several', ['--b', type, '', '@#', '--b', type, '', '@#', '--b--']],
    ['without an end', ['--b', type, '', '@#']],
    ['of other types', ['--b', 'Content-Type: text/html', '', '@', '--b', '', '@', '--b', 'X: y', '', '@']],
    ['of JSON by another name', ['--b', 'content-TYPE:application/graphql-response+json; x=y', '', '@#']],
    ['behind a field that goes on', ['--b', 'X: y', '\tz', type, '', '@#', '--b--']],
    ['with a long type', ['--b', 'Content-Type:', ' application/json; a', ' =utf-16', '', '@#', '--b--']],
    ['with blanks behind the boundary', ['--b \t ', type, '', '@#', '--b ', type, '', '@#', '--b-- ']],
    ['in UTF-16', ['--b', `${type}; charset=utf-16`, '', '@', '--b--']],
    ['with a coding', ['--b', type, 'Content-Encoding: gzip', '', '@', '--b', type, '', '@#', '--b--']],
    ['in base64', ['--b', type, 'Content-Transfer-Encoding: base64', '', '@', '--b--']],
    ['in eight bits', ['--b', type, 'Content-Transfer-Encoding: 8bit', '', '@#', '--b--']],
    ['with a digest', ['--b', type, 'Content-Digest: x', '', '@', '--b--']],
    ['with two types', ['--b', type, type, '', '@', '--b--']],
    ['that are empty', ['--b', type, '', '--b', type, '', '', '--b', type, '', '@#', '--b--']],
    ['without an empty line', ['--b', type, '@', '--b', type, '', '@#', '--b--']],
    ['a preamble', ['@', '', '--b', type, '', '@#', '--b--', type, '', '@', '--b', type, '', '@']],
    ['a boundary within a line', ['--b', type, '', '{"a": "--b"}, @#', '--b--']],
    ['what is nearly a boundary', ['--b', type, '', '-b', '-', '--', '', '@#', '--b--']],
    ['a boundary behind JSON that is cut short', ['--b', type, '', `["${U}`, '--b', type, '', '@#', '--b--']],
  ])('%s', (_title, lines) => {
    expectRead(lines);
  });

  test('a string that is the whole part', () => {
    const part = (text: string): string => `--b\r\n${type}\r\n\r\n"${text}"\r\n--b--`;
    for (const chunks of splitEverywhere(Buffer.from(part(U))))
      expect(rewriteInChunks(dataRewriter(kind()), chunks).toString()).toBe(part(`${U}#`));
  });

  test('of other boundaries', () => {
    expectRead(['---', type, '', '@#', '---', type, '', '@#', '-----', ''], '-');
    const longest = 'x'.repeat(70);
    expectRead([`--${longest}`, type, '', '@#', `--${longest}--`], longest);
    expectRead(['--b', type, '', '@', '--b--'], 'c');
    expectRead(['--a b', type, '', '@#', '--a b--'], 'a b');
  });

  test('lines that end in a line feed alone are none', () => {
    const body = `--b\n${type}\n\n${json}\n--b--`;
    expect(dataRewriter(kind()).end(Buffer.from(body)).toString()).toBe(body);
  });

  test.each<[title: string, length: number, content: string]>([
    ['just short enough is read', 8_192, '@#'],
    ['of one byte more passes', 8_193, '@'],
  ])('a head that is %s, wherever it is cut', (_title, length, content) => {
    const field = `X: ${'y'.repeat(length - `\r\n${type}\r\nX: \r\n\r\n`.length)}`;
    const lines = ['--b', type, field, '', content, '--b', type, '', '@#', '--b--'];
    const [bytes, expected] = [Buffer.from(bodyOf(lines, false)), bodyOf(lines, true)];
    for (let at = length - 20; at < length + 20; at++)
      expect(rewriteInChunks(dataRewriter(kind()), cutAt([at], bytes)).toString()).toBe(expected);
  });

  test('a head without an end passes, and the next part is read', () => {
    expectRead(['--b', `X: ${'y'.repeat(8_192)}`, type, '', '@', '--b', type, '', '@#', '--b--']);
  });
});

describe('a part that names its length', () => {
  const sized = (length: number | string, content: string, after = ''): string =>
    `--b\r\n${type}\r\nContent-Length: ${length}\r\nX: y\r\n\r\n${content}\r\n--b${after}`;
  const signed = json.replace(U, `${U}#`);
  const out = (body: string): string[] => {
    const bytes = Buffer.from(body);
    const cuts = [...splitEverywhere(bytes), inChunksOf(1, bytes), [bytes]];
    return [...new Set(cuts.map((chunks) => rewriteInChunks(dataRewriter(kind()), chunks).toString()))];
  };

  test('gets the new one', () => {
    expect(out(sized(json.length, json))).toEqual([sized(signed.length, signed)]);
    expect(out(sized(`\t${json.length} `, json))).toEqual([sized(`\t${signed.length} `, signed)]);
  });

  test('and keeps it where nothing changes', () => {
    expect(out(sized(8, '{"a": 1}'))).toEqual([sized(8, '{"a": 1}')]);
    expect(out(sized(`00${json.length}`, json))).toEqual([sized(signed.length, signed)]);
  });

  test.each<[title: string, length: number | string]>([
    ['too short', json.length + 1],
    ['far too short', 60_000],
    ['longer than is held', 66_000],
    ['a number that is none', `${json.length}x`],
    ['a number that goes on in the next line', `${json.length}\r\n 0`],
    ['a negative number', -1],
    ['given twice', `${json.length}\r\nContent-Length: ${json.length}`],
  ])('passes if it is %s, and the next one is read', (_title, length) => {
    const next = (content: string): string => `\r\n${type}\r\n\r\n${content}\r\n--b--`;
    expect(out(sized(length, json, next(json)))).toEqual([sized(length, json, next(signed))]);
  });

  test('is signed as far as it says, where it is longer', () => {
    const body = (text: string, length: number): string => sized(length, `${text} ${json}`);
    expect(out(body(json, json.length))).toEqual([body(signed, signed.length)]);
  });

  test('goes out once all of it is there, without the next delimiter', () => {
    const rewriter = dataRewriter(kind());
    const body = Buffer.from(sized(json.length, json));
    const end = body.lastIndexOf('\r\n--b');
    expect(rewriter.write(body.subarray(0, end - 1)).toString()).toBe('--b');
    expect(rewriter.write(body.subarray(end - 1, end)).toString()).toContain(signed);
  });
});

describe('what is held back', () => {
  test.each<[title: string, body: string, held: string]>([
    ['nothing behind a part', `--b\r\n${type}\r\n\r\n{}`, ''],
    ['nor of the delimiter, which a client waits for', `--b\r\n${type}\r\n\r\n{}\r\n--b`, ''],
    ['what may become a delimiter is', `--b\r\n${type}\r\n\r\n{}\r\n--`, '\r\n--'],
    ['and a head', '--b\r\nContent-', '\r\nContent-'],
    ['of text nothing is', '--b\r\nContent-Type: text/plain\r\n\r\n"a', ''],
    ['of JSON a string is', `--b\r\n${type}\r\n\r\n{"a":"b`, 'b'],
    ['behind the end nothing is', '--b--\r\n--', ''],
  ])('%s', (_title, body, held) => {
    const bytes = Buffer.from(body);
    for (const chunks of [[bytes], inChunksOf(1, bytes)]) {
      const rewriter = dataRewriter(kind());
      const out = Buffer.concat(chunks.map((chunk) => Buffer.from(rewriter.write(Buffer.from(chunk)))));
      expect(out.toString()).toBe(body.slice(0, body.length - held.length));
    }
  });

  test.each<[title: string, begin: string, unit: string]>([
    ['a head', '--b\r\n', 'X: y\r\n'],
    ['a part with a length', `--b\r\n${type}\r\nContent-Length: 65000\r\n\r\n`, '\r\n-'],
    ['a string', `--b\r\n${type}\r\n\r\n"`, 'x'],
    ['a preamble', '', '\r\n--'],
  ])('never more than 64 KiB of %s without an end', (_title, begin, unit) => {
    const rewriter = dataRewriter(kind());
    const body = Buffer.from(begin + unit.repeat(1_000_000 / unit.length));
    let held = 0;
    for (const chunk of inChunksOf(16_384, body)) {
      held += chunk.length - rewriter.write(Buffer.from(chunk)).length;
      expect(held).toBeLessThanOrEqual(maxHeldBytes);
    }
  });
});

const growthIn = (pieces: number, size: number, bodyOf: (size: number) => string): number =>
  growthOf(size, (length) => {
    const body = Buffer.from(bodyOf(length));
    const chunks = inChunksOf(Math.min(pieces, body.length), body);
    return () => void rewriteInChunks(dataRewriter(kind()), chunks);
  });

test('a head of twice the length takes twice the steps', () => {
  const growth = growthIn(9, 3_500, (size) => `--b${'\r\nX: y'.repeat(size / 6)}\r\n\r\n`);
  expect(growth).toBeLessThanOrEqual(2.2);
});

test.each<[title: string, unit: string]>([
  ['carriage returns', '\r'],
  ['what begins like delimiters', '\r\n--'],
  ['delimiters', '\r\n--b'],
  ['heads', `\r\n--b\r\n${type}\r\nContent-Length: 3`],
  ['parts', `\r\n--b\r\n${type}\r\n\r\n"a"`],
  ['parts with a length', `\r\n--b\r\n${type}\r\nContent-Length: 3\r\n\r\n"a"`],
  ['fields', `\r\nX: y`],
])('twice as much of %s takes twice the steps', (_title, unit) => {
  for (const pieces of [Infinity, 9])
    expect(growthIn(pieces, 20_000, (size) => `--b${unit.repeat(size / unit.length)}`)).toBeLessThanOrEqual(
      2.2,
    );
});
