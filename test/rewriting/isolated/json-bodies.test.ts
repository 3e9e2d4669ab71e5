/** JSON bodies that are malformed: they pass as they came, what follows is signed, and the work stays linear. */
import { describe, expect, test } from 'vitest';
import { growthOf } from '../../support/steps.ts';

const { dataRewriter } = await import('../../support/data-rewriter.ts');
const { inChunksOf, rewriteInChunks, splitEverywhere } = await import('../../support/generators/chunks.ts');
const { url } = await import('../../support/samples.ts');

const U = url();

/** A line is held, so that it is read only if all of it is JSON; a body, and a sequence, is read as it comes. */
const malformedLines: [title: string, line: string][] = [
  ['a line of a log', `error: "${U}" was not found`],
  ['a value before a word', `"${U}" was not found`],
  ['two values', `["${U}"]["${U}"]`],
  ['a value before what is no escape', `["${U}","\\x"]`],
  ['a value before the end that is missing', `{"a":"${U}","b":1`],
  ['a value behind brackets that do not match', `]]}}[[{"b":"${U}"}`],
  ['single quotes', `{'a':"${U}"}`],
];
const malformedStarts: [title: string, before: string][] = [
  ['an escape that is none', `["${U}\\x",`],
  ['brackets that do not match', `]]}}[[{"b":`],
];

describe.each(['json', 'json-lines', 'json-seq'] as const)('%s', (kind) => {
  test.each<[title: string, body: string]>([
    ['an escape that is cut short', `["a","${U}\\u00"]`],
    ['an escape that is none', `["${U}\\x"]`],
    ['a body that ends in an escape', `["${U}\\`],
    ['a body that ends in a string', `["${U}`],
    ['a control character in a string', `["${U}\t"]`],
    ['HTML without an end in a field', `{"content":"<img src='${U}"}`],
    ['JSON that is none in a field', `{"nested":"[\\"${U}\\""}`],
    ['Markdown without an end in a field', `{"body":"[![a](${U}"}`],
    ['a program', `const a = 1; // ${U}`],
    ...(kind === 'json-lines' ? malformedLines : []),
  ])('%s passes as it came', (_title, body) => {
    const bytes = Buffer.from(body);
    for (const chunks of splitEverywhere(bytes))
      expect(rewriteInChunks(dataRewriter(kind), chunks).toString()).toBe(body);
  });

  test.each<[title: string, before: string, behind?: string]>([
    ['HTML without an end', `{"content":"<img src='${U}","b":`, '}'],
    ['JSON that is none', `{"nested":"[${U}","b":`, '}'],
    ...(kind === 'json-lines' ? [] : malformedStarts),
  ])('behind %s the rest is read', (_title, before, behind = ']') => {
    const bytes = Buffer.from(`${before}"${U}"${behind}`);
    for (const chunks of splitEverywhere(bytes))
      expect(rewriteInChunks(dataRewriter(kind), chunks).toString()).toBe(`${before}"${U}#"${behind}`);
  });

  test.each<[title: string, unit: string, open?: string]>([
    ['line feeds', '\n'],
    ['quotes', '"'],
    ['backslashes in a string', '\\', '["imagedelivery'],
    ['escaped quotes in a string', '\\"', '["imagedelivery'],
    ['lines of an open string', `["imagedelivery\n`],
    ['lines with a URL', `["${U}"]\n`],
    ['lines of React Router', `P1:[["Z",1],"imagedelivery"]\n`],
    ['fields with HTML', `{"content":"<img src='${U}'>"}\n`],
    ['a field of escaped quotes', '<p class=\\"a\\">', `{"content":"imagedelivery`],
    ['a field of brackets in Markdown', '[', `{"body":"imagedelivery`],
    ['fields in fields', '{\\"nested\\":', `{"nested":"imagedelivery`],
  ])('twice as much of %s takes twice the steps', (_title, unit, open = '') => {
    for (const chunkSize of [Infinity, 512]) {
      const growth = growthOf(10_000, (size) => {
        const body = Buffer.from(`${open}${unit.repeat(size / unit.length)}"}`);
        const chunks = inChunksOf(Math.min(chunkSize, body.length), body);
        return () => void rewriteInChunks(dataRewriter(kind), chunks);
      });
      expect(growth).toBeLessThanOrEqual(2.1);
    }
  });
});

test('of lines, one that is malformed leaves the next one alone', () => {
  const body = `["${U}\n["${U}"]\n{"content":"<img src='${U}\n"${U}"\n`;
  const bytes = Buffer.from(body);
  for (const chunks of splitEverywhere(bytes))
    expect(rewriteInChunks(dataRewriter('json-lines'), chunks).toString()).toBe(
      `["${U}\n["${U}#"]\n{"content":"<img src='${U}\n"${U}#"\n`,
    );
});

test('of a sequence, one that is malformed or over several lines leaves the next one alone', () => {
  const sequence = (mark: string): string =>
    `\x1e{"url"\n:\n"${U}${mark}"}\n\x1e["${U}\n\x1e["${U}${mark}"]\n\x1e{"${U}"\n:1}\n\x1e"${U}${mark}"\n`;
  for (const chunks of splitEverywhere(Buffer.from(sequence(''))))
    expect(rewriteInChunks(dataRewriter('json-seq'), chunks).toString()).toBe(sequence('#'));
});

test.each([
  ['json-lines', `{"url":"${U}"}\n`],
  ['json-seq', `\x1e{"url":"${U}"}\n`],
] as const)('%s: a value comes before the next one begins', (kind, value) => {
  expect(dataRewriter(kind).write(Buffer.from(value)).toString()).toBe(value.replace(U, `${U}#`));
});

test('a byte order mark before the first line hides nothing', () => {
  const body = `\ufeff{"url":"${U}"}\n`;
  expect(dataRewriter('json-lines').end(Buffer.from(body)).toString()).toBe(body.replace(U, `${U}#`));
});
