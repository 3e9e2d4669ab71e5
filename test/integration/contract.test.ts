/** What frameworks build on a response: contexts that follow it, and classes of their own. The rest is `properties/interception/interception`. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter, once } from 'node:events';
import { createServer, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { send } from '../support/http/raw.ts';
import { ours, page } from '../support/http/wire.ts';
import { countTokens, url, withoutTokens } from '../support/samples.ts';
import { frameworks, withSite } from '../support/servers/frameworks.ts';

const html = { 'Content-Type': 'text/html' };

describe.each(frameworks)('$name', (framework) => {
  test('callbacks, authorize, skip and report run in the context of their request', async () => {
    const context = new AsyncLocalStorage<string>();
    const seen: string[] = [];
    const note = (name: string) => () => void seen.push(`${name} ${context.getStore()}`);
    const noting = {
      authorize: () => note('authorize')() === undefined,
      skip: () => note('skip')() !== undefined,
      report: note('report'),
    };
    const moments = new EventEmitter();
    let requests = 0;
    const listener = framework.build([ours(noting)], (request, response) => {
      context.run(request.url!, async () => {
        const both = once(moments, 'both');
        if (++requests === 2) moments.emit('both');
        await both;
        response.writeHead(200, html);
        response.write(`${page}<img src="${url('original')}">`, note('write'));
        response.on('finish', note('finish'));
        response.end('<p>', note('end'));
      });
    });
    await withSite(listener, (port) => Promise.all([send(port, '/a'), send(port, '/b')]));
    const names = ['authorize', 'authorize', 'end', 'finish', 'report', 'report', 'skip', 'write'];
    for (const path of ['/a', '/b'])
      expect(seen.filter((each) => each.endsWith(` ${path}`)).sort()).toEqual(
        names.map((name) => `${name} ${path}`),
      );
    expect(seen.length).toBe(2 * names.length);
  });
});

// Express puts a prototype of its own in the place of the app's.
test.each(frameworks.filter(({ isExpress }) => !isExpress))(
  'on $name a ServerResponse of the app has its own methods called, with the bytes that go out',
  async (framework) => {
    const written: Buffer[] = [];
    const seen: string[] = [];
    class Counting extends ServerResponse {
      override write(...args: unknown[]): boolean {
        written.push(Buffer.from(args[0] as string)); // as the app has written it
        return super.write(...(args as [unknown]));
      }
      override end(...args: unknown[]): this {
        seen.push('end');
        written.push(Buffer.from(args[0] as string));
        return super.end(...(args as [unknown]));
      }
      override setHeader(name: string, value: string): this {
        seen.push(`set ${name}`);
        return super.setHeader(name, value);
      }
    }
    const listener = framework.build([ours()], (_, response) => {
      expect(response).toBeInstanceOf(Counting);
      response.setHeader('Content-Type', 'text/html');
      response.write(page.slice(0, 60));
      response.end(page.slice(60));
    });
    const server = createServer({ ServerResponse: Counting as typeof ServerResponse }, listener);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const response = await send((server.address() as AddressInfo).port, '/');
    server.close();
    expect([withoutTokens(response.text), countTokens(response.text)]).toEqual([page, 2]);
    expect(Buffer.concat(written).equals(response.body)).toBe(true);
    expect(seen).toContain('set Content-Type');
    expect(seen.filter((each) => each === 'end')).toEqual(['end']);
    // Nothing of ours is on what other responses share.
    const names = Object.getOwnPropertyNames(Counting.prototype).sort();
    expect(names).toEqual(['constructor', 'end', 'setHeader', 'write']);
  },
);
