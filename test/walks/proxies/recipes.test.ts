/** HAProxy and Varnish as docs/own-scheme.md sets them up, with the schemes of that page: what they let through. */
import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSigner } from 'image-signer';
import { defineScheme, type Scheme } from 'image-signer/schemes';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { temporaryFiles } from '../../support/package/temporary-files.ts';
import {
  blockOf,
  freePort,
  listen,
  programOf,
  startProgram,
  startVarnish,
} from '../../support/servers/programs.ts';
import { askAsWritten, othersThan, printable } from './names.ts';

const page = readFileSync(new URL('../../../docs/own-scheme.md', import.meta.url), 'utf8');
const key = randomBytes(32).toString('base64');
const { folder, file } = temporaryFiles();

/** @returns the address */
async function startHaproxy(storePort: number): Promise<string> {
  const port = await freePort();
  const frontend = blockOf(page, 'haproxy')
    .replace('bind :80', `bind 127.0.0.1:${port}`)
    .replace('<the key in base64>', key);
  const around = 'defaults\n  mode http\n  timeout connect 5s\n  timeout client 5s\n  timeout server 5s\n';
  const backend = `backend store\n  server one 127.0.0.1:${storePort}\n`;
  const config = file('haproxy.cfg', `${around}${frontend}${backend}`);
  // In the foreground, with a line once its worker listens.
  await startProgram(programOf('haproxy', 'haproxy'), ['-W', '-db', '-f', config], /Loading success/);
  return `http://127.0.0.1:${port}`;
}

function startVarnishBefore(storePort: number): Promise<string> {
  programOf('/usr/share/doc/varnish-vmod-digest', 'varnish-vmod-digest');
  const backend = `backend default { .host = "127.0.0.1"; .port = "${storePort}"; }`;
  return startVarnish(folder, `vcl 4.1;\n${backend}\n${blockOf(page, 'vcl').replace('<the key>', key)}`);
}

/** The scheme of the page, at the address of this run. */
function schemeOf(name: string, address: string): Scheme {
  const blocks = Array.from(page.matchAll(/^```ts\n(.*?)^```$/gms), ([, code]) => code!);
  const block = blocks.find((each) => each.includes(`name: '${name}'`))!;
  const code = ts.transpileModule(
    block.replaceAll(/^import .*$|^export /gm, '').replace('https://photos.example', address),
    { compilerOptions: { target: ts.ScriptTarget.ES2023 } },
  ).outputText;
  const run = new Function('createHmac', 'defineScheme', 'process', `${code}; return scheme;`);
  return run(createHmac, defineScheme, { env: { HAPROXY_KEY: key, VARNISH_KEY: key } }) as Scheme;
}

const names = [...printable, 'é', '日本', '🙂', '//', '1?expires=1&sig=2', '%3F1790000000'].map(
  (each) => `uploads/a${each}b.jpg`,
);

test.each([
  ['haproxy', startHaproxy],
  ['varnish', startVarnishBefore],
] as const)(
  '%s passes each name on as it is written, for its own token, until that expires',
  async (name, start) => {
    const store = createServer((request, response) => response.end(request.url));
    const address = await start(await listen(store));
    const signer = createSigner({ scheme: schemeOf(name, address), ttl: '1h' });
    const expiresAt = Math.floor(Date.now() / 1000) + 3;
    const urls = names.map((each) => signer.signImage(each));
    const short = names.map((each) => signer.signImage(each, { expiresAt }));
    const pathOf = (url: string): string => url.slice(address.length).replace(/\?.*$/, '');

    const all = [...urls, ...short];
    const delivered = await Promise.all(all.map(askAsWritten));
    expect(delivered.map(({ status, text }) => `${status} ${text.replace(/\?.*$/, '')}`)).toEqual(
      all.map((url) => `200 ${pathOf(url)}`),
    );
    expect(await othersThan(200, [signer.signImage(`${address}/uploads/a.jpg?v=2`)])).toEqual([]);

    const forgeries = urls.flatMap((url, index) => {
      const [path, token] = [address + pathOf(url), url.slice(url.indexOf('?'))];
      return [
        path,
        address + pathOf(urls[(index + 1) % urls.length]!) + token,
        path + token.replace(/(?<=expires=)\d/, '9'),
        path + token.replace(/sig=(.)/, (_, first: string) => `sig=${first === 'a' ? 'b' : 'a'}`),
        `${path}?sig=${'0'.repeat(64)}&${token.slice(1)}`.replace(/&sig=\w+$/, ''),
        `${path}?expires=9999999999&${token.slice(1)}`.replace(/&expires=\d+/, ''),
      ];
    });
    expect(await othersThan(403, forgeries)).toEqual([]);
    await sleep((expiresAt + 1) * 1000 - Date.now());
    expect(await othersThan(410, short)).toEqual([]);
  },
);
