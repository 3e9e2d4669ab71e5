/** Neighbours before us that take apart what `writeHead` is given get headers of which none stands twice. */
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import onHeaders from 'on-headers';
import { describe, expect, test } from 'vitest';
import { imageSigner, type Middleware } from '../../../src/index.ts';
import { send } from '../../support/http/raw.ts';
import { base, countTokens, url } from '../../support/samples.ts';
import { frameworks, withSite } from '../../support/servers/frameworks.ts';

const html = `<img src="${url()}">`;
const object = {
  'Content-Type': 'text/html',
  'Cache-Control': 'public, max-age=31536000',
  'Set-Cookie': ['a=1', 'b=2'],
};
const listens: Middleware = (_request, response, next) => {
  onHeaders(response, () => void response.setHeader('X-Seen', String(response.getHeader('Content-Type'))));
  next();
};

describe.each(frameworks.filter(({ isExpress }) => !isExpress))('$name', (framework) => {
  test('an object to writeHead, where on-headers listens before us', async () => {
    const site = framework.build([listens, imageSigner(base)], (_request, response) => {
      response.writeHead(200, object);
      response.end(html);
    });
    await withSite(site, async (port) => {
      const { headers: sent, text } = await send(port, '/');
      expect(countTokens(text)).toBe(1);
      const own = sent.filter(([name]) => !['date', 'connection', 'transfer-encoding'].includes(name));
      expect(own.toSorted(([a], [b]) => (a < b ? -1 : 1))).toEqual([
        ['cache-control', 'public, max-age=43200'],
        ['content-type', 'text/html'],
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
        ['x-seen', 'text/html'],
      ]);
    });
  });
});

describe.each(frameworks.filter(({ isExpress }) => !isExpress))('$name', (framework) => {
  test.each([[], [imageSigner({ ...base, skip: () => true })], [imageSigner(base)]])(
    'an object that names a header twice, in two spellings, has both sent, with us as without (%#)',
    async (...middlewares) => {
      const site = framework.build(middlewares, (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'text/html', Vary: 'Accept', vary: 'Cookie' });
        response.end(html);
      });
      await withSite(site, async (port) => {
        const { headers: sent } = await send(port, '/');
        expect(sent.filter(([name]) => name === 'vary').map(([, value]) => value)).toEqual([
          'Accept',
          'Cookie',
        ]);
      });
    },
  );
});

describe.each(frameworks)('$name', (framework) => {
  test.each([
    ['page', 'text/html'],
    ['answer of another type', 'text/plain'],
  ])(
    'a %s with two cookies in a list to writeHead keeps both, as on-headers before us does',
    async (_, type) => {
      const site = framework.build([listens, imageSigner(base)], (_request, response) => {
        response.setHeader('X-First', '1');
        response.writeHead(200, ['Content-Type', type, 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']);
        response.end(html);
      });
      await withSite(site, async (port) => {
        const { headers: sent, text } = await send(port, '/');
        expect(countTokens(text)).toBe(type === 'text/html' ? 1 : 0);
        const cookies = sent.filter(([name]) => name === 'set-cookie').map(([, value]) => value);
        expect(cookies).toEqual(['a=1', 'b=2']);
      });
    },
  );
});

test('a response whose class takes what writeHead is given for an object, as that of serverless-http', () => {
  class Stored extends ServerResponse {
    override writeHead(status: number, ...rest: unknown[]): this {
      const headers = rest.at(-1);
      for (const name in headers as object) {
        this.setHeader(name, (headers as Record<string, string>)[name]!);
        break;
      }
      return (super.writeHead as (...args: unknown[]) => this)(status, ...rest);
    }
  }
  const request = Object.assign(new IncomingMessage(new Socket()), { method: 'GET', url: '/' });
  const response = new Stored(request);
  imageSigner(base)(request, response, () => {
    response.writeHead(200, { 'Content-Type': 'text/html' });
    response.end(html);
  });
  expect(response.getHeaderNames().toSorted()).toEqual(['cache-control', 'content-type']);
});

test('a response of a mock that inherits from that of Express, and has headers of its own', () => {
  const headers: Record<string, string> = {};
  const mock = Object.assign(Object.create(ServerResponse.prototype) as ServerResponse, {
    statusCode: 200,
    getHeader: (name: string) => headers[name.toLowerCase()],
    getHeaders: () => ({ ...headers }),
    getHeaderNames: () => Object.keys(headers),
    setHeader: (name: string, value: string) => void Object.assign(headers, { [name.toLowerCase()]: value }),
    removeHeader: (name: string) => void delete headers[name.toLowerCase()],
    write: () => true,
    end: () => undefined,
  });
  const request = Object.assign(new IncomingMessage(new Socket()), { method: 'GET', url: '/' });
  imageSigner(base)(request, mock, () => {
    mock.setHeader('Content-Type', 'text/html');
    mock.end(html);
  });
  expect(headers).toMatchObject({ 'content-type': 'text/html', 'cache-control': 'no-cache' });
});
