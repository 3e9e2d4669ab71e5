/** Packages that patch Node's response after ours was loaded, and expect a connection behind each. */
import { createServer, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { imageSigner } from '../../../../src/index.ts';
import { send } from '../../../support/http/raw.ts';
import { base, countTokens, url } from '../../../support/samples.ts';

const { end, write, writeHead } = ServerResponse.prototype;
const addresses: unknown[] = [];

/** As a logger does it. */
function logged<Args extends unknown[], Result>(
  original: (this: ServerResponse, ...args: Args) => Result,
): (this: ServerResponse, ...args: Args) => Result {
  return function (this: ServerResponse, ...args: Args) {
    addresses.push(this.socket!.remoteAddress); // fails for a response without a connection
    return original.apply(this, args);
  };
}

beforeAll(() => {
  Object.assign(ServerResponse.prototype, {
    end: logged(end as never),
    write: logged(write as never),
    writeHead: logged(writeHead as never),
  });
});

afterAll(() => {
  Object.assign(ServerResponse.prototype, { end, write, writeHead });
});

const page = `<img src="${url()}">`;

const handlers: Readonly<Record<string, (res: ServerResponse) => void>> = {
  'headers in a list': (res) => {
    res.setHeader('X-Set', '1');
    res.writeHead(200, ['Content-Type', 'text/html', 'X-Two', '1', 'X-Two', '2']).end(page);
  },
  'chunks that are corked': (res) => {
    res.setHeader('Content-Type', 'text/html');
    res.cork();
    res.write(page);
    res.end('<p>');
  },
};

test.each(Object.entries(handlers))('%s reach the page, and nothing but the page', async (_name, handle) => {
  const sign = imageSigner(base as never);
  const server = createServer((req, res) => sign(req as never, res as never, () => handle(res)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { text, status } = await send((server.address() as AddressInfo).port, '/');
    expect({ status, tokens: countTokens(text) }).toEqual({ status: 200, tokens: 1 });
    expect(new Set(addresses)).toEqual(new Set(['127.0.0.1']));
  } finally {
    server.close();
  }
});
