/** nginx as `examples/proxy/nginx.conf` sets it up, for HTTPS in front of two proxies: what the site behind them hears. */
import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { accountHash, countTokens, key, url } from '../../support/samples.ts';
import { startProxy } from './any-site/signing-proxy.ts';
import { startNginx } from './nginx.ts';
import type { Ground, Part } from './part.ts';
import { freePort, listen } from './process.ts';

export const nginxInFront: Part = { name: 'front', needs: { nginx: 'nginx', openssl: 'openssl' }, run };

const visitor = '203.0.113.7';
const claimed = { 'X-Forwarded-For': visitor, 'X-Forwarded-Proto': 'http', Forwarded: `for=${visitor}` };

async function run({ account, folder, running }: Ground): Promise<void> {
  account.note('\nnginx in front of two proxies, as examples/proxy/nginx.conf has it:');
  const own = join(folder, 'front');
  await mkdir(own);
  const site = createServer((asked, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(`<img src="${url('card')}"><script>${JSON.stringify(asked.headers)}</script>`);
  });
  const target = `http://127.0.0.1:${await listen(site, running)}`;
  const delivery = 'https://imagedelivery.net';
  const options = { key, ttl: '1h', accountHash, variants: ['card'], delivery } as const;
  const ports = [await freePort(), await freePort()];
  for (const port of ports) await startProxy(own, target, port, options, running, ['--trust-proxy']);

  const port = await freePort();
  await startNginx(join(own, 'nginx'), await configuration(own, port, ports), running);
  const pages = await Promise.all(Array.from({ length: 8 }, () => ask(port, '/')));
  const signed = new Set(pages.map(({ body }) => /<img[^>]*>/.exec(body)?.[0]));
  account.check(
    'both proxies give one URL, with a token',
    signed.size === 1 && countTokens([...signed].join('')) === 1,
    pages.map(({ status, body }) => `${status} ${body.slice(0, 200)}`),
  );
  const heard = JSON.parse(/<script>(.*)<\/script>/.exec(pages[0]!.body)?.[1] ?? '{}');
  account.check(
    'the site hears of HTTPS, of its own name and of the visitor, and not what the visitor claims',
    heard['x-forwarded-proto'] === 'https' &&
      heard.host === 'shop.example' &&
      heard['x-forwarded-host'] === 'shop.example' &&
      /^127\.0\.0\.1(, 127\.0\.0\.1)*$/.test(heard['x-forwarded-for']) &&
      !JSON.stringify(heard).includes('203.0.113.7'),
    [JSON.stringify(heard)],
  );
  account.check('visitors do not get the health check', (await ask(port, '/healthz')).status === 404);
}

/** The file as it is, at the addresses of this run and with a certificate of its own. */
async function configuration(folder: string, port: number, proxies: readonly number[]): Promise<string> {
  const [certificate, privateKey] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  const kind =
    'req -x509 -nodes -days 2 -subj /CN=shop.example -newkey ec -pkeyopt ec_paramgen_curve:prime256v1';
  const files = ['-keyout', privateKey, '-out', certificate];
  await promisify(execFile)('openssl', [...kind.split(' '), ...files]);
  const text = await readFile(new URL('../../../examples/proxy/nginx.conf', import.meta.url), 'utf8');
  return text
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
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    asked.once('error', reject).end();
  });
}
