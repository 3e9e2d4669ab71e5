import { describe, expect, test } from 'vitest';
import {
  acceptsHtml,
  bindTag,
  Conditionals,
  type RequestHeaders,
  tagSuffix,
} from '../../src/http/conditional-requests.ts';
import {
  allowsByHash,
  type BodyKind,
  decideRewrite,
  isReadablePart,
  kindOf,
} from '../../src/http/eligibility.ts';
import { boundaryOf } from '../../src/text/mime-type.ts';
import encodingLabels from '../vectors/encoding-labels.json' with { type: 'json' };

const { asciiCompatible, others } = encodingLabels;

const both = { html: true, json: true, events: false } as const;

/** What becomes of a response with these headers, of HTML unless they say otherwise. */
function decide(headers: Readonly<Record<string, string>>, status = 200, isReadable = true): object {
  const get = (name: string): string => headers[name] ?? (name === 'content-type' ? 'text/html' : '');
  return decideRewrite({ status, fields: { get }, isReadable }, both);
}

test.each<[type: string, kind: BodyKind | undefined]>([
  ['text/html', 'html'],
  ['TEXT/HTML; charset=utf-8', 'html'],
  [' text/html ;charset=x', 'html'],
  ['application/xhtml+xml', undefined],
  ['text/htmlx', undefined],
  ['text/css', undefined],
  ['application/json', 'json'],
  ['application/ld+json', 'json'],
  ['application/vnd.api+json; charset=utf-8', 'json'],
  ['application/jsonp', undefined],
  ['application/x-ndjson', 'json-lines'],
  ['application/jsonl', 'json-lines'],
  ['text/x-script', 'json-lines'],
  ['Text/SvelteKit-Data; charset=utf-8', 'json-lines'],
  ['text/x-script.perl', undefined],
  ['text/x-component', undefined],
  ['application/ndjson', 'json-lines'],
  ['application/jsonlines', 'json-lines'],
  ['application/x-json-stream', 'json-lines'],
  ['application/json-seq', 'json-seq'],
  ['application/geo+json-seq', 'json-seq'],
  ['application/x.json-seq', undefined],
  ['text/event-stream', 'events'],
  ['Text/Event-Stream; charset=utf-8', 'events'],
  ['text/vnd.turbo-stream.html; charset=utf-8', 'html'],
  ['text/vnd.turbo-stream.htmlx', undefined],
  ['multipart/mixed; boundary="-"; deferSpec=20220824', 'multipart'],
  ['multipart/mixed', undefined],
  ['multipart/mixed; boundary=', undefined],
  ['multipart/form-data; boundary=a', undefined],
  ['multipart/x-mixed-replace; boundary=a', undefined],
  ['image/svg+xml', undefined],
  ['', undefined],
])('%j is %s', (type, kind) => {
  expect(kindOf(type, both)).toBe(kind);
  expect(kindOf(type, { html: false, json: false, events: false })).toBeUndefined();
});

test('events are read for their HTML alone', () => {
  const eventsOnly = { html: false, json: false, events: 'html' } as const;
  expect(kindOf('text/event-stream', eventsOnly)).toBe('events');
  expect(kindOf('application/json', eventsOnly)).toBeUndefined();
});

test.each<[parameter: string, boundary: string | undefined]>([
  ['boundary=a', 'a'],
  ['Boundary="a b"; x=y', 'a b'],
  ['x="boundary=b"; boundary=\'()+_,-./:=?', "'()+_,-./:=?"],
  [`boundary="${'a'.repeat(70)}"`, 'a'.repeat(70)],
  [`boundary="${'a'.repeat(71)}"`, undefined],
  ['boundary="a "', undefined],
  ['boundary="a\\"b"', undefined],
  ['boundary="a\tb"', undefined],
  ['boundary=""', undefined],
  ['boundary', undefined],
])('%s has the boundary %j', (parameter, boundary) => {
  expect(boundaryOf(`multipart/mixed; ${parameter}`)).toBe(boundary);
});

test.each<[type: string, isRead: boolean]>([
  ['application/json', true],
  [' application/graphql-response+json; charset=utf-8', true],
  ['application/json; charset=utf-16', false],
  ['text/html', false],
  ['application/x-ndjson', false],
])('a part of the type %j is read: %s', (type, isRead) => {
  expect(isReadablePart(type)).toBe(isRead);
});

describe('charsets', () => {
  const decideBy = (charset: string): object =>
    decide({ 'content-type': `text/html; a=b; charset=${charset}` });

  test.each([
    ...Object.entries(asciiCompatible).map((each) => [...each, { rewrite: 'html' }] as const),
    ...Object.entries(others).map((each) => [...each, { pass: 'charset' }] as const),
    ['UTF-7 and UTF-32', 'utf-7 utf-32 utf-32be', { pass: 'charset' }],
    // Chromium 147 and Firefox 153 read each of them as a page without a label.
    ['nobody', "utf-16x x-utf-16le 'utf-16' utf-162 ucs-4 unicode-2 iso-2022-jp-2 hz-x", { rewrite: 'html' }],
  ] as const)('%s, by each of its labels in the Encoding Standard', (_encoding, labels, decision) => {
    const judged = labels
      .split(' ')
      .flatMap((label) => [label, label.toUpperCase(), `"${label}"`].map((each) => [each, decideBy(each)]));
    expect(judged).toEqual(judged.map(([charset]) => [charset, decision]));
  });

  test('a label with a space in it is none', () => expect(decideBy('"utf 16"')).toEqual({ rewrite: 'html' }));
});

test.each<[status: number, headers: Record<string, string>, isReadable: boolean, decision: object]>([
  [200, {}, true, { rewrite: 'html' }],
  [404, {}, true, { rewrite: 'html' }],
  [500, {}, true, { rewrite: 'html' }],
  [100, {}, true, { pass: undefined }],
  [204, {}, true, { pass: undefined }],
  [205, {}, true, { pass: undefined }],
  [206, {}, true, { pass: 'partial-content' }],
  [200, { 'content-range': 'bytes 0-1/2' }, true, { pass: 'partial-content' }],
  [200, { 'cache-control': 'no-transform' }, true, { pass: 'no-transform' }],
  [200, { 'cache-control': 'x-no-transform-x' }, true, { rewrite: 'html' }],
  [200, {}, false, { pass: 'encoding' }],
])('%d with %j, readable: %s', (status, headers, isReadable, decision) => {
  expect(decide(headers, status, isReadable)).toEqual(decision);
});

test.each<[kind: 'style-src' | 'script-src', policy: string, isByHash: boolean]>([
  ['style-src', "style-src 'sha256-abc='", true],
  ['style-src', "default-src 'self'; style-src 'self' 'SHA384-abc'", true],
  ['style-src', "style-src-attr 'sha512-x' 'unsafe-hashes'", true],
  ['style-src', "default-src 'sha256-abc='", true],
  ['style-src', "default-src 'sha256-abc='; style-src 'unsafe-inline'", false],
  ['style-src', "script-src 'sha256-abc='; style-src 'self'", false],
  ['style-src', "default-src 'self', style-src 'sha256-abc='", true],
  ['style-src', '', false],
  ['script-src', "script-src 'sha256-abc='", true],
  ['script-src', "script-src 'self'; script-src-elem 'self' 'sha512-abc='", true],
  ['script-src', "default-src 'sha384-abc='; style-src 'self'", true],
  ['script-src', "default-src 'sha256-abc='; script-src 'nonce-abc'", false],
  ['script-src', "style-src 'sha256-abc='", false],
])('%s by hash of %j: %s', (kind, policy, isByHash) => {
  expect(allowsByHash(policy, kind)).toBe(isByHash);
});

test.each([
  ['text/html', true],
  ['text/html,application/xhtml+xml,*/*;q=0.8', true],
  ['image/avif, TEXT/HTML;q=0.1', true],
  ['text/html;q=0', false],
  ['text/html; q=0.000', false],
  ['*/*', false],
  ['text/*', false],
  ['application/xhtml+xml', false],
  [undefined, false],
])('Accept: %j names text/html: %s', (accept, expected) => {
  expect(acceptsHtml(accept)).toBe(expected);
});

describe('conditionals', () => {
  const suffix = tagSuffix('0123456789abcdef01234567');
  const strong = tagSuffix('76543210fedcba9876543210');
  const suffixes = { weak: suffix, strong };
  const older = tagSuffix('f'.repeat(24));

  type Field = string | undefined;

  test.each<[title: string, given: Field, acceptsPage: boolean, seen: Field, later: Field]>([
    ['none', undefined, false, undefined, undefined],
    ['ours', `W/"a${suffix}"`, false, 'W/"a"', 'W/"a"'],
    ['ours, of a strong tag', `W/"a${strong}"`, true, '"a"', '"a"'],
    ['ours, of both', `W/"a${strong}", W/"b${suffix}"`, false, '"a", W/"b"', '"a", W/"b"'],
    ['ours, made strong', `"a${suffix}"`, true, 'W/"a"', 'W/"a"'],
    ['ours, with its mark in lower case', `w/"a${suffix}", w/"x, y"`, false, 'W/"a", w/"x, y"', 'W/"a"'],
    ['ours from an older step', `W/"a${older}"`, false, undefined, undefined],
    ["somebody else's", '"a"', false, '"a"', undefined],
    ["somebody else's, for a page", '"a"', true, undefined, undefined],
    ['any', '*', false, '*', undefined],
    ['any, for a page', '*', true, undefined, undefined],
    ['a list', `"x,y", W/"a${suffix}", W/"b${older}", "z"`, false, 'W/"a", "x,y", "z"', 'W/"a"'],
    ['issued by us, changed by a proxy', `W/"a${suffix}-gzip"`, false, `W/"a${suffix}-gzip"`, undefined],
    ['an unquoted one', 'abc', false, 'abc', undefined],
  ])('%s', (_title, given, acceptsPage, seen, later) => {
    const headers: RequestHeaders = given === undefined ? {} : { 'if-none-match': given };
    const original = { ...headers };
    const conditionals = new Conditionals(headers, suffixes, acceptsPage);
    expect(headers['if-none-match']).toBe(seen);
    conditionals.keepIssued();
    expect(headers['if-none-match']).toBe(later);
    conditionals.restore();
    expect(headers).toEqual(original);
  });

  test('ranges and dates go when a page is asked for, or found', () => {
    const conditions = { 'if-range': '"a"', 'if-modified-since': 'x', 'if-match': '"a"' };
    const given = { range: 'bytes=0-1', ...conditions, 'if-unmodified-since': 'x' };
    const asked: RequestHeaders = { ...given };
    new Conditionals(asked, suffixes, true);
    expect(asked).toEqual({});
    const found: RequestHeaders = { ...given };
    const conditionals = new Conditionals(found, suffixes, false);
    expect(found).toEqual(given);
    for (const tag of [undefined, 'W/"a"', 'w/"a"']) {
      conditionals.keepIssued(tag);
      expect(found).toEqual({ 'if-range': '"-"' }); // `send` has read the range by then
      conditionals.restore();
      expect(found).toEqual(given);
    }
  });

  test('a range goes without a condition where a strong tag vouches for it: it has been cut out already', () => {
    const given = { range: 'bytes=0-1', 'if-range': '"a"' };
    const found: RequestHeaders = { ...given };
    const conditionals = new Conditionals(found, suffixes, false);
    conditionals.keepIssued('"a"');
    expect(found).toEqual({});
    conditionals.restore();
    expect(found).toEqual(given);
  });

  test('a tag that goes out is weak, whatever it was', () => {
    for (const tag of ['W/"a"', 'w/"a"']) expect(bindTag(tag, suffixes)).toBe(`W/"a${suffix}"`);
    for (const tag of ['"a"', 'a']) expect(bindTag(tag, suffixes)).toBe(`W/"a${strong}"`);
    for (const tag of [`W/"a${suffix}"`, `W/"a${strong}"`]) expect(bindTag(tag, suffixes)).toBe(tag);
  });
});
