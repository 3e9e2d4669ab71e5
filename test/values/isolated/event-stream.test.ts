/** Event streams as the HTML Standard reads them: which events there are, what is held back, and what is too long. */
import { describe, expect, test } from 'vitest';
import { maxHeldBytes } from '../../../src/text/limits.ts';
import { growthOf } from '../../support/steps.ts';
import vectors from '../../vectors/event-stream.json' with { type: 'json' };

const { cutAt, inChunksOf, rewriteInChunks } = await import('../../support/generators/chunks.ts');
const { dataRewriter } = await import('../../support/data-rewriter.ts');
const { url } = await import('../../support/samples.ts');
const { createEventScanner } = await import('../../../src/values/units.ts');

type EventScanner = ReturnType<typeof createEventScanner>;

/** As a body is read: bytes that are no longer needed are dropped. */
function scan(scanner: EventScanner, held: Buffer, chunk: Uint8Array): Buffer {
  const bytes = Buffer.concat([held, chunk]);
  scanner.scan(bytes, bytes.length);
  const from = scanner.heldFrom;
  scanner.rebase(from);
  return bytes.subarray(from);
}

/** The names and the data of the events, and how many bytes are held behind the last chunk. */
function read(text: string | Buffer, places: readonly number[] = []): { events: string[]; held: number } {
  const events: string[] = [];
  const scanner = createEventScanner({
    isRead: () => true,
    event(bytes, lines, name) {
      const data = lines.map(({ start, end }) => bytes.toString('utf8', start, end)).join('\n');
      events.push(name === '' ? data : `${name}: ${data}`);
    },
    tooLong: () => events.push('too long'),
  });
  const held = cutAt(places, Buffer.from(text)).reduce<Buffer>(
    (before, chunk) => scan(scanner, before, chunk),
    Buffer.alloc(0),
  );
  return { events, held: held.length };
}

const everyPlace = (text: string | Buffer): number[] =>
  Array.from({ length: Buffer.from(text).length + 1 }, (_, at) => at);

describe('the events of a stream', () => {
  test.each(vectors.cases as [title: string, stream: string, events: string[]][])(
    '%s',
    (_title, stream, events) => {
      expect(read(stream).events).toEqual(events);
      expect(read(stream, everyPlace(stream)).events).toEqual(events);
      for (const at of everyPlace(stream)) expect(read(stream, [at]).events).toEqual(events);
    },
  );

  test('a byte order mark that is none is the name of a field', () => {
    const stream = Buffer.concat([Buffer.of(0xef, 0xbb), Buffer.from('data: a\n\ndata: b\n\n')]);
    for (const at of everyPlace(stream)) expect(read(stream, [at]).events).toEqual(['b']);
  });
});

describe('what is held back', () => {
  test.each<[title: string, stream: string, held: number]>([
    ['nothing behind the blank line of an event', 'data: a\n\n', 0],
    ['nor where it ends in CR, which a line feed may follow', 'data: a\r\n\r', 0],
    ['nor of the next event', 'data: a\n\nid: 1\n', 0],
    ['a comment that is not complete is not', ': still here', 0],
    ['nor are an id, a pause, and a field that nobody knows', 'id: 1\nretry: 5\nx', 0],
    ['the data of an event that is not complete is', 'id: 1\ndata: a\n', 8],
    ['with what is written behind it', 'data: a\nid: 1\n: b\n', 18],
    ['and a line that may become data', ': a\nda', 2],
    ['until it does not', ': a\ndat ', 0],
    ['a name is, as long as its line is not complete', 'event: x', 8],
    ['and not afterwards', 'event: x\n', 0],
    ['two bytes of a byte order mark are', '\xef\xbb', 2],
  ])('%s', (_title, stream, held) => {
    const bytes = Buffer.from(stream, 'latin1');
    expect(read(bytes).held).toBe(held);
    expect(read(bytes, everyPlace(bytes)).held).toBe(held);
  });
});

describe('an event that is too long', () => {
  const around = (length: number, lines: (text: string) => string): string =>
    `data: before\n\n${lines('x'.repeat(length))}\n\ndata: after\n\n`;
  const places = [3, 20, 40_000, 70_000, 70_001];

  test.each<[title: string, overhead: number, lines: (text: string) => string]>([
    ['in one line', 6 + 1, (text) => `data: ${text}`],
    ['in several', 2 * (6 + 1), (text) => `data: ${text.slice(9)}\ndata: ${text.slice(0, 9)}`],
    ['by its comment', 8 + 1 + 1, (text) => `data: a\n:${text}`],
  ])('%s passes, and the next one is read', (_title, overhead, lines) => {
    const most = maxHeldBytes - overhead;
    for (const excess of [0, 1]) {
      const count = 3 - excess;
      const stream = around(most + excess, lines);
      const { events } = read(stream);
      expect(events.filter((each) => each !== 'too long')).toHaveLength(count);
      expect(events).toHaveLength(3);
      expect(events.at(-1)).toBe('after');
      expect(read(stream, places).events).toEqual(events);
    }
  });

  test('a name is as good as data', () => {
    const stream = around(70_000, (text) => `event: ${text}\ndata: a`);
    for (const cuts of [[], places])
      expect(read(stream, cuts).events).toEqual(['before', 'too long', 'after']);
  });

  test.each<[title: string, begin: string, unit: string]>([
    ['data', 'data: ', 'x'],
    ['lines of data', '', 'data: x\n'],
    ['a comment', ':', 'x'],
    ['the name of a field', '', 'x'],
    ['the name of an event', 'event:', 'x'],
  ])('without an end, it takes no more memory: %s', (_title, begin, unit) => {
    const chunk = Buffer.from(unit.repeat(16_384 / unit.length));
    const scanner = createEventScanner({ isRead: () => true, event: () => {}, tooLong: () => {} });
    let held: Buffer = Buffer.from(begin);
    for (let count = 0; count < 64; count++) {
      held = scan(scanner, held, chunk);
      expect(held.length).toBeLessThanOrEqual(maxHeldBytes);
    }
    expect(held.length).toBe(0);
  });
});

test.each<[title: string, unit: string]>([
  ['blank lines', '\r'],
  ['line feeds', '\n'],
  ['lines that end in CR', 'data: a\r'],
  ['lines of an event that holds a URL', 'data: imagedelivery\r\n'],
  ['events', 'data: a\n\n'],
  ['events that hold a URL', `data: {"a":"${url()}"}\n\n`],
  ['one line', 'a'],
])('twice as much of %s takes twice the steps', (_title, unit) => {
  for (const chunkSize of [Infinity, 7]) {
    const growth = growthOf(20_000, (size) => {
      const stream = Buffer.from(unit.repeat(size / unit.length));
      const chunks = inChunksOf(Math.min(chunkSize, size), stream);
      return () => void rewriteInChunks(dataRewriter({ events: { json: true, html: true } }), chunks);
    });
    expect(growth).toBeLessThanOrEqual(2.2);
  }
});
