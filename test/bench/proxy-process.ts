/**
 * One process of the proxy's benchmark: the site, the bare proxy library, or ours. It tells its port, and answers what it has
 * used so far.
 */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createProxyServer } from 'httpxy';
import { variants } from '../support/shop.ts';
import { answersOf } from './http-answers.ts';
import type { ProxyKind } from './proxy-contender.ts';

const [, , role, given = ''] = process.argv;

function site(kind: ProxyKind): RequestListener {
  const page = String(answersOf('page')());
  const json = JSON.stringify(answersOf('json')());
  const file = Buffer.alloc(20_000, 7);
  const answers: Readonly<Record<ProxyKind, RequestListener>> = {
    page: (_, response) => {
      response.writeHead(200, {
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Length': Buffer.byteLength(page),
      });
      response.end(page);
    },
    json: (_, response) => {
      response.writeHead(200, {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(json),
      });
      response.end(json);
    },
    file: (_, response) => {
      response.writeHead(200, { 'Content-Type': 'image/webp', 'Content-Length': file.length });
      response.end(file);
    },
    empty: (_, response) => void response.writeHead(204).end(),
  };
  return answers[kind];
}

function tell(port: number): void {
  process.send!({ port });
}

if (role === 'ours') {
  const built = new URL('../../dist/proxy.js', import.meta.url).href;
  const { createProxy } = (await import(built)) as typeof import('../../src/proxy.ts');
  const proxy = createProxy({
    target: new URL(given),
    imageSigner: { key: 'a-signing-key-of-the-usual-length', ttl: '1d', variants },
    changesHost: false,
    trustsProxy: false,
  });
  tell((await proxy.listen(0, '127.0.0.1')).port);
} else {
  const proxy = createProxyServer({ target: given, xfwd: true });
  const listener: RequestListener =
    role === 'site'
      ? site(given as ProxyKind)
      : (request, response) => void proxy.web(request, response).catch(() => response.destroy());
  const server = createServer(listener);
  server.listen(0, '127.0.0.1', () => tell((server.address() as AddressInfo).port));
}

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send!({ microseconds: user + system, memory: process.memoryUsage.rss() });
});
process.once('disconnect', () => process.exit());
