/** The memory that an encoded body reserves is given back, whoever keeps the events of a response to himself, and whenever the client leaves. */
import { EventEmitter, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { RewritePolicy } from '../../../src/http/rewrite-policy.ts';
import { parseContentCoding } from '../../../src/node/http/content-coding.ts';
import { EncodedBody } from '../../../src/node/http/encoded-body.ts';
import { withSite } from '../../support/servers/frameworks.ts';

const gzip = parseContentCoding('gzip');
const unchanged = { write: (bytes: Uint8Array) => bytes, end: (bytes = new Uint8Array()) => bytes };
const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

/** How many bodies have reserved memory. */
class Memory {
  held = 0;

  reserve(): () => void {
    this.held++;
    let isHeld = true;
    return () => {
      if (isHeld) this.held--;
      isHeld = false;
    };
  }
}

function bodyOf(response: ServerResponse, memory: Memory): EncodedBody {
  const sink = { write: response.write.bind(response), end: response.end.bind(response) };
  if (typeof gzip !== 'object') throw new Error('gzip is known');
  const policy = { beginTranscoding: () => memory.reserve() } as unknown as RewritePolicy;
  return new EncodedBody(response, sink as never, unchanged, gzip, { policy });
}

const part = gzipSync('x'.repeat(1_000)).subarray(0, 20);

test.each<[title: string, requests: number, parts: readonly Uint8Array[]]>([
  ['before the first byte', 1, []],
  ['within the body', 1, [part]],
  ['before an earlier answer is sent', 50, []],
  ['before an earlier answer is sent, and within the body', 50, [part]],
])('if the client leaves %s', async (_title, requests, parts) => {
  const memory = new Memory();
  const responses: ServerResponse[] = [];
  const events = new EventEmitter();
  await withSite(
    (request, response) => {
      response.on = () => response; // as compressing middleware does, whose own stream has the listeners
      responses.push(response);
      // Of several, the first one never gets an answer.
      if (requests === 1 || responses.length > 1) {
        const body = bodyOf(response, memory);
        for (const each of parts) body.write(each, []);
      }
      if (responses.length < requests) return;
      request.socket.once('close', () => setImmediate(() => events.emit('closed', memory.held)));
      events.emit('begun', memory.held);
    },
    async (port) => {
      const client = connect(port, '127.0.0.1').on('error', () => {});
      client.write(get.repeat(requests));
      expect(await once(events, 'begun')).toEqual([Math.max(1, requests - 1)]);
      const closed = once(events, 'closed');
      client.destroy();
      expect(await closed).toEqual([0]);
    },
  );
});

test('if the client had left before the app answered', async () => {
  const memory = new Memory();
  const events = new EventEmitter();
  await withSite(
    (_request, response) => {
      response.once('close', () => {
        bodyOf(response, memory);
        events.emit('answered', memory.held);
      });
      events.emit('asked');
    },
    async (port) => {
      const answered = once(events, 'answered');
      const client = connect(port, '127.0.0.1').on('error', () => {});
      client.write(get);
      await once(events, 'asked');
      client.destroy();
      expect(await answered).toEqual([0]);
    },
  );
});
