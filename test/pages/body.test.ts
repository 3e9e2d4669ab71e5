import type { RequestListener } from 'node:http';
import { describe, expect, test } from 'vitest';
import { imageSigner } from '../../src/index.ts';
import { exchange } from '../support/in-memory.ts';
import { base, countTokens, instant, url } from '../support/samples.ts';

/** What goes out of a page that the app writes in these parts. */
function sent(parts: readonly string[], type = 'text/html'): ReturnType<typeof exchange> {
  const sign = imageSigner({ ...base, report: false });
  const listener: RequestListener = (request, response) =>
    sign(request, response, () => {
      response.setHeader('Content-Type', type);
      for (const part of parts) response.write(part, 'latin1');
      response.end();
    });
  return exchange(listener, {}, () => instant);
}

describe('an encoding that a body declares so far down that tokens push it out of the first 1,024 bytes', () => {
  const images = Array.from({ length: 6 }, (_, index) => `<img src="${url('card', `${index}`)}">`).join('');
  const rest = `${images.padEnd(900)}<meta charset=macintosh><p>\x8e`;

  test('is repeated in Content-Type', () => {
    const { headers, body } = sent([`<!DOCTYPE html><body>${rest}`]);
    expect(body.indexOf('<meta charset')).toBeGreaterThan(1_024);
    expect([headers['content-type'], countTokens(body)]).toEqual(['text/html; charset=macintosh', 6]);
  });

  test('stays where Content-Type names one, or where the page still declares it in time', () => {
    expect(sent([rest], 'text/html; charset=utf-8').headers['content-type']).toBe('text/html; charset=utf-8');
    expect(sent([`<meta charset=macintosh>${rest}`]).headers['content-type']).toBe('text/html');
    expect(sent([images]).headers['content-type']).toBe('text/html');
  });
});
