/** What is left of a request whose body was read, or given up: no listener, and no byte more than was asked for. */
import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import type { Body } from '../../../src/endpoint/request.ts';
import { readBody } from '../../../src/node/middleware/endpoint.ts';
import { converse, head } from '../../support/http/conversation.ts';
import { withSite } from '../../support/servers/frameworks.ts';

interface Seen {
  readonly body: Body;
  readonly isPaused: boolean;
  /** Listeners that are there afterwards, and were not before. */
  readonly added: readonly string[];
}

const names = ['data', 'end', 'error', 'close', 'aborted'];

function countListeners(request: IncomingMessage): number[] {
  return names.map((name) => request.listenerCount(name));
}

/** Reads one body of that many bytes. */
async function readOne(length: number): Promise<Seen> {
  let seen: Seen | undefined;
  await withSite(
    async (request, response) => {
      const before = countListeners(request);
      const body = await readBody(request, undefined);
      const after = countListeners(request);
      const added = names.filter((_, index) => after[index]! > before[index]!);
      seen = { body, isPaused: request.isPaused(), added };
      response.writeHead(200, { connection: 'close' }).end();
    },
    (port) =>
      converse(port, (socket) => void socket.write(head({ 'content-length': length }) + 'a'.repeat(length))),
  );
  return seen!; // the answer has come
}

test('a body that is read', async () => {
  expect(await readOne(65_536)).toEqual({
    body: { value: Buffer.alloc(65_536, 'a') },
    isPaused: false,
    added: [],
  });
});

test('a body that is too long', async () => {
  expect(await readOne(300_000)).toEqual({ body: 'too-long', isPaused: true, added: [] });
});
