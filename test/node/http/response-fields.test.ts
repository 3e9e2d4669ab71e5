/** Headers of a `ServerResponse`: those that are set, and those that only `writeHead` got. */
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { fieldsOf, ResponseFields } from '../../../src/node/http/response-fields.ts';

test('are changed, in whatever case their names are', () => {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  const headers = { 'cache-CONTROL': 'max-age=9', ETag: '"a"', 'x-Many': ['1', '2'], 'content-length': 7 };
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  const fields = new ResponseFields(response, response.setHeader);
  expect([fields.list('X-MANY'), fields.get('x-many')]).toEqual([['1', '2'], '1, 2']);
  fields.set('Cache-Control', 'private');
  fields.set('cache-control', 'no-store');
  fields.remove('etag');
  fields.remove('X-Many');
  fields.set('Content-Length', '8');
  fields.remove('X-Never-Set');
  expect(response.getHeaders()).toEqual({ 'cache-control': 'no-store', 'content-length': '8' });
});

test('that only `writeHead` got are read as they were sent', () => {
  const fields = fieldsOf([
    ['Cache-Control', 'max-age=9'],
    ['vary', ['Cookie', 'Accept']],
    ['Vary', 'Origin'],
  ]);
  expect(fields.names()).toEqual(['cache-control', 'vary', 'vary']);
  expect([fields.get('CACHE-control'), fields.list('VARY')]).toEqual([
    'max-age=9',
    ['Cookie', 'Accept', 'Origin'],
  ]);
  expect([fields.get('etag'), fields.list('etag')]).toEqual([undefined, []]);
});
