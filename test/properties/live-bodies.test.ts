/**
 * Event streams and multipart bodies: whatever stands between their events or parts, however their lines end and wherever
 * they are cut, the data is what a rewriter of JSON or HTML makes of it, and nothing else changes. An event is out as soon
 * as its blank line is.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isReadablePart } from '../../src/http/eligibility.ts';
import { ByteRewriter } from '../../src/rewriting/byte-rewriter.ts';
import { createPageScanner } from '../../src/rewriting/nesting.ts';
import type { Edit } from '../../src/text/edit.ts';
import { dataRewriter, marking } from '../support/data-rewriter.ts';
import { anyText } from '../support/generators/any-text.ts';
import { cutAt, rewriteInChunks } from '../support/generators/chunks.ts';
import { url } from '../support/samples.ts';
import { runs } from '../support/seed.ts';

const U = url();

const piece = fc.oneof(
  fc.constantFrom(
    `<img src="${U}">`,
    `<img\nalt=''\n src=${U}\n>`,
    `<p style="background: url('${U}')">`,
    `<a srcset="${U} 1x,\n${U} 2x">`,
    `<!-- ${U}`,
    '-->',
    `<style>p { background: url(${U}) }`,
    '</style>',
    `<iframe srcdoc="&lt;img src='${U}'&gt;\n">`,
    `{"a":"${U}"}`,
    `{\n"content": "<img src='${U}'>",\n"b": ["${U}"]}`,
    `["${U}",`,
    `"${U}"`,
    U,
    U.slice(0, 20),
    U.slice(20),
    '[DONE]',
    ' ',
    '',
    '\n',
    'data: a',
    ': é写',
  ),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  anyText().map((text) => text.replaceAll(/[\r\n]/g, '').toWellFormed()),
);

/** Their lines end as those of the stream do. */
const data = fc.array(piece, { minLength: 1, maxLength: 3 }).map((pieces) => pieces.join(''));

/** A line that has no meaning for the data. */
const other = fc.constantFrom(
  ': a',
  ':',
  `: ${U}`,
  'id: 1',
  'retry: 10',
  `x: "${U}"`,
  'datax: a',
  'dat',
  'event: a',
);

interface Given {
  readonly data: string | undefined;
  readonly others: readonly string[];
  readonly hasSpace: boolean;
}

const event: fc.Arbitrary<Given> = fc.record({
  data: fc.option(data, { nil: undefined }),
  others: fc.array(other, { maxLength: 3 }),
  hasSpace: fc.boolean(),
});

function linesOf({ data: text, others, hasSpace }: Given, isRewritten: boolean): string[] {
  if (text === undefined) return [...others, ''];
  const own = (isRewritten ? rewritten(text) : text).split('\n').map((line) => {
    // Without the space, one that the value begins with would be taken for it.
    return `data:${hasSpace || line.startsWith(' ') ? ' ' : ''}${line}`;
  });
  return [
    ...others.slice(0, 1),
    ...own.flatMap((line, index) => [line, ...(index === 0 ? others.slice(1) : [])]),
    '',
  ];
}

function rewritten(text: string): string {
  const bytes = Buffer.from(text);
  if (isJson(text)) return dataRewriter('json').end(bytes).toString();
  const edits: Edit[] = [];
  const scanner = createPageScanner(marking(), edits, 'utf-8');
  return new ByteRewriter(scanner, edits, () => {}).end(bytes).toString();
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const lineEnd = fc.constantFrom('\n', '\r', '\r\n');

/** @param ends - of the lines, in turn */
function streamOf(lines: readonly string[], ends: readonly string[]): string {
  let stream = '';
  for (const [index, line] of lines.entries()) {
    const end = ends[index % ends.length]!;
    // A line feed right behind a carriage return would be the same line end.
    stream += stream.endsWith('\r') && line === '' && end === '\n' ? '\r' : `${line}${end}`;
  }
  return stream;
}

test('property: the data of each event is rewritten, all else is as it was, and no event waits', () => {
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 4 }),
      fc.array(lineEnd, { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      fc.array(fc.nat(), { maxLength: 6 }),
      (events, ends, hasMark, places) => {
        const mark = hasMark ? '\ufeff' : '';
        const build = (count: number, isRewritten: boolean): string => {
          const lines = events.slice(0, count).flatMap((each) => linesOf(each, isRewritten));
          return mark + streamOf(lines, ends);
        };
        const [given, expected] = [build(events.length, false), build(events.length, true)];
        const chunks = cutAt(places, Buffer.from(given));
        expect(rewriteInChunks(rewriter(), chunks).toString()).toBe(expected);
        for (let count = 1; count <= events.length; count++) {
          // A carriage return alone ends the line: the line feed of the pair need not have come.
          const early = (isRewritten: boolean): Buffer =>
            Buffer.from(build(count, isRewritten).replace(/\r\n$/, '\r'));
          expect(rewriter().write(early(false)).toString()).toBe(early(true).toString());
        }
      },
    ),
    { numRuns: runs(3) },
  );
});

function rewriter(): ByteRewriter {
  return dataRewriter({ events: { json: true, html: true } });
}

const part = fc.record({
  fields: fc.constantFrom(
    ['Content-Type: application/json'],
    ['content-type: application/graphql-response+json; charset=utf-8', 'X: y'],
    ['Content-Type: text/plain'],
    ['Content-Type: application/json', 'Content-Encoding: gzip'],
    [],
  ),
  content: fc.oneof(
    fc.constantFrom(
      `{"a":"${U}"}`,
      `{"data":{"image":"${U}","é":["${U}"]},\r\n"hasNext":true}`,
      `"${U}`,
      '',
      '-',
      '\r\n-',
    ),
    fc.jsonValue().map((value) => JSON.stringify([value, U])),
  ),
  hasLength: fc.boolean(),
});

test('property: the JSON of each part is rewritten, and its length is right', () => {
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 4 }),
      fc.constantFrom('-', 'b', 'a b', '(x)'),
      fc.constantFrom('', '\r\n', `"${U}"\r\n`),
      fc.boolean(),
      fc.array(fc.nat(), { maxLength: 6 }),
      (parts, boundary, before, hasEnd, places) => {
        const build = (isRewritten: boolean): Buffer => {
          const all = parts.map(({ fields, content, hasLength }) => {
            const isRead = fields.length > 0 && !/text|gzip/.test(fields.join(' '));
            const out =
              isRewritten && isRead ? dataRewriter('json').end(Buffer.from(content)).toString() : content;
            const lengths = hasLength ? [`Content-Length: ${Buffer.byteLength(out)}`] : [];
            return `--${boundary}\r\n${[...fields, ...lengths].map((each) => `${each}\r\n`).join('')}\r\n${out}\r\n`;
          });
          return Buffer.from(`${before}${all.join('')}--${boundary}${hasEnd ? '--\r\nend' : ''}`);
        };
        const kind = { boundary, readsType: isReadablePart };
        const chunks = cutAt(places, build(false));
        expect(rewriteInChunks(dataRewriter(kind), chunks).toString()).toBe(build(true).toString());
      },
    ),
    { numRuns: runs(3) },
  );
});
