/** The memory that an encoded body reserves, where other middleware keeps the events of a response to itself. */
import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { RewritePolicy } from '../../../src/http/rewrite-policy.ts';
import { parseContentCoding } from '../../../src/node/http/content-coding.ts';
import { EncodedBody } from '../../../src/node/http/encoded-body.ts';
import { withSite } from '../../support/frameworks.ts';

const gzip = parseContentCoding('gzip');
const unchanged = { write: (bytes: Uint8Array) => bytes, end: (bytes = new Uint8Array()) => bytes };

test.each([
  ['before the first byte', []],
  ['within the body', [gzipSync('x'.repeat(1_000)).subarray(0, 20)]],
])('is given back if the client leaves %s', async (_title, parts) => {
  let held = 0;
  const policy = {
    beginTranscoding() {
      held++;
      let isHeld = true;
      return () => {
        if (isHeld) held--;
        isHeld = false;
      };
    },
  } as unknown as RewritePolicy;
  const events = new EventEmitter();
  const site = withSite(
    (_request, response) => {
      response.on = () => response; // as compressing middleware does, whose own stream has the listeners
      const sink = { write: response.write.bind(response), end: response.end.bind(response) };
      if (typeof gzip !== 'object') throw new Error('gzip is known');
      const body = new EncodedBody(response, sink as never, unchanged, gzip, { policy });
      for (const part of parts) body.write(part, []);
      EventEmitter.prototype.addListener.call(response, 'close', () => events.emit('closed', held));
      events.emit('begun', held);
    },
    async (port) => {
      const client = connect(port, '127.0.0.1').on('error', () => {});
      client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      expect(await once(events, 'begun')).toEqual([1]);
      const closed = once(events, 'closed');
      client.destroy();
      expect(await closed).toEqual([0]);
    },
  );
  await site;
});
