/** nginx as `examples/proxy/nginx.conf` sets it up, for HTTPS in front of two proxies: what the site behind them hears. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { temporaryFiles } from '../../support/package/temporary-files.ts';
import { accountHash, countTokens, key, url } from '../../support/samples.ts';
import { freePort, listen, programOf, startNginx } from '../../support/servers/programs.ts';
import { startProxy } from './signing-proxy.ts';

const { folder } = temporaryFiles();
const visitor = '203.0.113.7';
const claimed = { 'X-Forwarded-For': visitor, 'X-Forwarded-Proto': 'http', Forwarded: `for=${visitor}` };

test('the site hears of HTTPS, of its own name and of the visitor, and not what the visitor claims', async () => {
  const site = createServer((asked, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(`<img src="${url('card')}"><script>${JSON.stringify(asked.headers)}</script>`);
  });
  const target = `http://127.0.0.1:${await listen(site)}`;
  const delivery = 'https://imagedelivery.net';
  const options = { key, ttl: '1h', accountHash, variants: ['card'], delivery } as const;
  const ports = [await freePort(), await freePort()];
  for (const port of ports) await startProxy(folder, target, port, options, ['--trust-proxy']);
  const port = await freePort();
  await startNginx(join(folder, 'nginx'), configuration(port, ports));

  const pages = await Promise.all(Array.from({ length: 8 }, () => ask(port, '/')));
  const signed = new Set(pages.map(({ body }) => /<img[^>]*>/.exec(body)?.[0]));
  expect(signed.size).toBe(1); // of both proxies
  expect(countTokens([...signed].join(''))).toBe(1);
  const heard = JSON.parse(/<script>(.*)<\/script>/.exec(pages[0]!.body)?.[1] ?? '{}');
  expect(heard).toMatchObject({
    host: 'shop.example',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'shop.example',
    'x-forwarded-for': expect.stringMatching(/^127\.0\.0\.1(, 127\.0\.0\.1)*$/),
  });
  expect(JSON.stringify(heard)).not.toContain(visitor);
  expect((await ask(port, '/healthz')).status).toBe(404);
});

/** The file as it is, at the addresses of this run and with a certificate of its own. */
function configuration(port: number, proxies: readonly number[]): string {
  const [certificate, privateKey] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  const kind =
    'req -x509 -nodes -days 2 -subj /CN=shop.example -newkey ec -pkeyopt ec_paramgen_curve:prime256v1';
  const files = ['-keyout', privateKey, '-out', certificate];
  execFileSync(programOf('openssl', 'openssl'), [...kind.split(' '), ...files], { stdio: 'ignore' });
  return readFileSync(new URL('../../../examples/proxy/nginx.conf', import.meta.url), 'utf8')
    .replace('  server 127.0.0.1:3000;', proxies.map((each) => `  server 127.0.0.1:${each};`).join('\n'))
    .replace('listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`)
    .replace('/etc/ssl/shop.example/fullchain.pem', certificate)
    .replace('/etc/ssl/shop.example/privkey.pem', privateKey);
}

function ask(port: number, path: string): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { Host: 'shop.example', ...claimed };
    const options = { host: '127.0.0.1', port, path, headers, rejectUnauthorized: false, agent: false };
    const asked = request(options, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    });
    asked.once('error', reject).end();
  });
}
