import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import {
  keepOnRequest,
  keepOnResponse,
  type ResponseRecord,
  recordOf,
} from '../../../src/node/http/response-record.ts';

function record(request = new IncomingMessage(new Socket())): ResponseRecord {
  return { request, response: new ServerResponse(request) };
}

test.each([
  ['the response', keepOnResponse],
  ['the request', keepOnRequest],
])(
  'a record that is kept on %s is found by the response, by what inherits from it, and by a proxy',
  (_, keep) => {
    const kept = record();
    expect(recordOf(kept.response)).toBeUndefined();
    keep(kept);
    expect(recordOf(kept.response)).toBe(kept);
    expect(recordOf(Object.create(kept.response) as ServerResponse)).toBe(kept);
    expect(recordOf(new Proxy(kept.response, {}))).toBe(kept);
  },
);

test('one that is kept on the request leaves the response as it was', () => {
  const kept = record();
  const before = Reflect.ownKeys(kept.response);
  keepOnRequest(kept);
  expect(Reflect.ownKeys(kept.response)).toEqual(before);
});

test('another response to the same request has a record of its own', () => {
  const first = record();
  const second = record(first.request);
  keepOnRequest(first);
  expect(recordOf(second.response)).toBeUndefined();
  keepOnRequest(second);
  expect([first, second].map(({ response }) => recordOf(response))).toEqual([first, second]);
});

test('a request that Node.js has not made leaves the record to the response', () => {
  const request = { method: 'GET', headers: {} } as unknown as IncomingMessage;
  const kept = record(request);
  keepOnRequest(kept);
  expect(recordOf(kept.response)).toBe(kept);
  expect(Object.keys(request)).toEqual(['method', 'headers']);
});

test('a mock of a response, without a request or listeners, is known by itself alone', () => {
  const mock = Object.create(null) as ServerResponse;
  expect(recordOf(mock)).toBeUndefined();
  const { request } = record();
  const [first, second] = [{ req: request }, { req: request }] as unknown as [ServerResponse, ServerResponse];
  keepOnRequest({ request, response: first });
  expect(recordOf(second)).toBeUndefined();
});
