/** The data of events: JSON, HTML or neither; an edit stays within its line. */
import { describe, expect, test } from 'vitest';
import { imageSigner } from '../../src/fetch.ts';
import { ByteRewriter } from '../../src/rewriting/byte-rewriter.ts';
import { createDataScanner } from '../../src/rewriting/nesting.ts';
import type { Edit } from '../../src/text/edit.ts';
import { dataRewriter, marking } from '../support/data-rewriter.ts';
import { rewriteInChunks, splitEverywhere } from '../support/generators/chunks.ts';
import { countTokens, signerWith, url } from '../support/samples.ts';

const U = url();
const both = { json: true, html: true };

/** `@` stands for a URL, and `@#` for one that is signed. */
function expectRead(stream: string, kinds = both): void {
  const given = stream.replaceAll('@#', U).replaceAll('@', U);
  const expected = stream.replaceAll('@#', `${U}#`).replaceAll('@', U);
  for (const chunks of splitEverywhere(Buffer.from(given)))
    expect(rewriteInChunks(dataRewriter({ events: kinds }), chunks).toString()).toBe(expected);
}

/** An event of these lines of data, and of its name. */
const event = (...lines: readonly string[]): string =>
  `${lines.map((line) => (line.startsWith('event: ') ? line : `data: ${line}`)).join('\n')}\n\n`;

describe('data', () => {
  test.each<[title: string, stream: string]>([
    ['of JSON', 'data: {"a":"@#","b":["@#"],"@":1}\n\n'],
    ['that is one string', 'data: "@#"\n\n'],
    ['of JSON over several lines', 'data: {"a":\ndata: "@#",\r\ndata:"b":"@#"}\n\n'],
    ['with HTML in a field of JSON', 'data: {"content":"<img src=\'@#\'>"}\n\n'],
    ['of HTML', 'data: <img src="@#"><p style="background: url(@#)">\n\n'],
    ['of HTML over several lines', 'data: <img\r\ndata: src="@#"\rdata: srcset="@# 1x,\ndata:  @# 2x">\n\n'],
    ['of HTML with a document in it', event('<iframe srcdoc="&lt;img src=@# &gt;', '&lt;img src=@#&gt;">')],
    ['with comments among its lines', 'data: <img\n: @\nid: @\ndata: src="@#">\n: @\n\n'],
    ['of Turbo', event('<turbo-stream target="a"><template><img src="@#"></template></turbo-stream>')],
    ['of several events', 'data: <img src="@#">\n\ndata: ["@#"]\n\ndata: <a href="@#">\n\n'],
    ['of text', 'data: look: @\n\n'],
    ['of a URL', 'data: @\n\n'],
    ['of JSON that is none', 'data: {"a":"@",}\n\n'],
    ['of HTML that goes on in the next event', 'data: <img\n\ndata: src="@">\n\n'],
    ['behind HTML that is cut short', 'data: <!-- <img src="@">\n\ndata: <img src="@#">\n\n'],
    ['behind a style that is cut short', 'data: <style>\n\ndata: <img src="@#">\n\n'],
    ['that nobody ends', 'data: <img src="@">\n'],
    ['beside other fields', 'event: @\nid: @\ndata: ["@#"]\nretry: @\n@: @\n\n'],
    ['with a URL that is cut in two by a line', event('<img src="https://imagedelivery.', 'net/a/b/c">')],
  ])('%s', (_title, stream) => {
    expectRead(stream);
  });

  test('of JSON is left alone if that is off, and is never read as HTML', () => {
    const stream = 'data: {"a":"@"}\n\ndata: "<img src=\'@\'>"\n\ndata: <img src="@#">\n\n';
    expectRead(stream, { json: false, html: true });
  });

  test('of HTML is left alone if that is off', () => {
    expectRead('data: {"a":"@#"}\n\ndata: <img src="@">\n\n', { json: true, html: false });
  });
});

describe('Datastar', () => {
  const patch = 'event: datastar-patch-elements';

  test.each<[title: string, stream: string]>([
    ['elements', event(patch, 'selector #a', 'elements <img', 'elements  src="@#"', 'elements >')],
    ['older names', event('event: datastar-merge-fragments', 'fragments <img src="@#">')],
    ['signals', event('event: datastar-patch-signals', 'a true', 'signals {"a":"@#",', 'signals "b":1}')],
    [
      'arguments in one another',
      event(patch, 'elements <img', 'x', 'elements src="@#">', 'b <img src="@#">'),
    ],
    ['a value that another may not cut', event(patch, 'elements <img alt="', 'elements " src="@#">')],
    ['arguments in turn', event(patch, 'a <img src="@#">', 'b <img src="@#">', 'a <img src="@#">')],
    ['arguments without values', event(patch, 'elements', '', 'elements <img src="@#">')],
  ])('%s', (_title, stream) => {
    expectRead(stream);
  });
});

test('a list of candidates over several lines is signed however often it comes, also if a page had it before', async () => {
  const signer = signerWith();
  const sign = imageSigner({ signer, rewrite: { events: 'html' } });
  const answer = async (type: string, body: string): Promise<number> => {
    const headers = { 'content-type': type };
    const response = await sign(new Request('https://shop.example/'), () => new Response(body, { headers }));
    return countTokens(await response.text());
  };
  const value = `${U} 1x,\n${url('card')} 2x`;
  expect(await answer('text/html', `<img srcset="${value}">`)).toBe(2);
  const event = `data: <img srcset="${value.replace('\n', '\ndata: ')}">\n\n`;
  expect(await answer('text/event-stream', event.repeat(3))).toBe(6);
});

test('a text with a line break is never written, since it would begin another field', () => {
  for (const lineBreak of ['\n', '\r']) {
    const edits: Edit[] = [];
    const options = {
      ...marking(),
      map: (text: string) => (text === U ? `${U}${lineBreak}event: x` : undefined),
    };
    const scanner = createDataScanner(options, edits, { events: both });
    const stream = Buffer.from(`data: <style>a { background: url(${U}) }</style><img src="${U}">\n\n`);
    const out = new ByteRewriter(scanner, edits, () => {}).end(stream).toString();
    expect(out.split(/\r\n|\r|\n/)).toHaveLength(3);
  }
});

test('an event that is too long is reported, passes, and changes nothing of the next one', () => {
  const told: string[] = [];
  const long = `data: <img src="${U}">${'x'.repeat(65_536)}\n\n`;
  const stream = `${long}data: <img src="${U}">\n\n`;
  const rewriter = dataRewriter({ events: both }, () => told.push('too long'));
  expect(rewriter.end(Buffer.from(stream)).toString()).toBe(`${long}data: <img src="${U}#">\n\n`);
  expect(told).toEqual(['too long']);
});

test('the events behind one that is too long are read wherever the stream is cut', () => {
  const event = `data: ["${U}"]\n\n`;
  for (const long of [`data: ${'x'.repeat(65_600)}\n\n`, `data: ${'x'.repeat(65_600)}\r\n\r\n`]) {
    const stream = Buffer.from(long + event + event);
    const expected = long + event.replace(U, `${U}#`).repeat(2);
    const end = long.length;
    for (let cut = end - 6; cut <= end + 4; cut++) {
      for (const next of [cut + 1, cut + 2, end + event.length - 1, end + event.length]) {
        const chunks = [stream.subarray(0, cut), stream.subarray(cut, next), stream.subarray(next)];
        expect(rewriteInChunks(dataRewriter({ events: both }), chunks).toString()).toBe(expected);
      }
    }
  }
});
