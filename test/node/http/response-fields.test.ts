/** Headers of a `ServerResponse` that are changed, and changed back because Node refuses the response. */
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { FieldsOfReadNames, ResponseFields } from '../../../src/node/http/response-fields.ts';

function responseWith(headers: Readonly<Record<string, string | string[] | number>>): ServerResponse {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  return response;
}

/** Node's types declare `getRawHeaderNames` for requests only. */
function written(response: ServerResponse): Readonly<Record<string, unknown>> {
  const names = (response as unknown as { getRawHeaderNames(): string[] }).getRawHeaderNames();
  return Object.fromEntries(names.map((name) => [name, response.getHeader(name)]));
}

test('are what the app has set, in its own case, however often each was changed', () => {
  const headers = { 'cache-CONTROL': 'max-age=9', ETag: '"a"', 'x-Many': ['1', '2'], 'content-length': 7 };
  const response = responseWith(headers);
  const fields = new ResponseFields(response, response.setHeader);
  fields.set('Cache-Control', 'private');
  fields.set('cache-control', 'no-store');
  fields.remove('etag');
  fields.set('ETag', 'W/"b"');
  fields.remove('X-Many');
  fields.remove('x-many');
  fields.set('Content-Length', '8');
  fields.set('Vary', 'Cookie');
  fields.remove('X-Never-Set');
  expect(response.getHeaders()).toEqual({
    'cache-control': 'no-store',
    etag: 'W/"b"',
    'content-length': '8',
    vary: 'Cookie',
  });
  fields.revert();
  expect(written(response)).toEqual(headers);
});

test('that are set anew after a change back are changed back to those', () => {
  const response = responseWith({ Expires: '0' });
  const fields = new ResponseFields(response, response.setHeader);
  fields.set('Expires', '1');
  fields.revert();
  response.setHeader('Expires', '2');
  fields.set('Expires', '3');
  fields.revert();
  expect(written(response)).toEqual({ Expires: '2' });
});

test('names that are read once are those of the response after each change', () => {
  const response = responseWith({ 'CDN-Cache-Control': 'max-age=9' });
  const fields = new FieldsOfReadNames(response, response.setHeader);
  expect([fields.names(), fields.get('ETag')]).toEqual([['cdn-cache-control'], undefined]);
  fields.set('ETag', '"a"');
  fields.remove('CDN-Cache-Control');
  expect([fields.names(), fields.get('ETag'), fields.list('etag')]).toEqual([['etag'], '"a"', ['"a"']]);
  fields.set('Expires', '0');
  expect([fields.get('expires'), response.getHeaderNames()]).toEqual(['0', ['etag', 'expires']]);
});
