/** HAProxy and Varnish as docs/own-scheme.md sets them up, with the schemes of that page: what they let through. */
import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSigner } from 'image-signer';
import { defineScheme, type Scheme } from 'image-signer/schemes';
import ts from 'typescript';
import type { Ground, Part } from './part.ts';
import { findProgram, freePort, listen, type RunningProgram, startProgram } from './process.ts';
import { askAsWritten, checkStatus, printable } from './raw-request.ts';

const page = readFileSync(new URL('../../../docs/own-scheme.md', import.meta.url), 'utf8');
const key = randomBytes(32).toString('base64');

interface Recipe {
  readonly name: 'haproxy' | 'varnish';
  /** @returns the address */
  start(folder: string, storePort: number, running: RunningProgram[]): Promise<string>;
}

const bothRecipes: readonly Recipe[] = [
  {
    name: 'haproxy',
    async start(folder, storePort, running) {
      const port = await freePort();
      const config = join(folder, 'haproxy.cfg');
      const frontend = blockOf('haproxy').replace('bind :80', `bind 127.0.0.1:${port}`);
      const around =
        'defaults\n  mode http\n  timeout connect 5s\n  timeout client 5s\n  timeout server 5s\n';
      const backend = `backend store\n  server one 127.0.0.1:${storePort}\n`;
      await writeFile(config, `${around}${frontend.replace('<the key in base64>', key)}${backend}`);
      // In the foreground, with a line once its worker listens.
      await startProgram(
        findProgram('haproxy') ?? 'haproxy',
        ['-W', '-db', '-f', config],
        /Loading success/,
        running,
      );
      return `http://127.0.0.1:${port}`;
    },
  },
  {
    name: 'varnish',
    async start(folder, storePort, running) {
      const port = await freePort();
      const vcl = join(folder, 'recipe.vcl');
      const backend = `backend default { .host = "127.0.0.1"; .port = "${storePort}"; }`;
      await writeFile(vcl, `vcl 4.1;\n${backend}\n${blockOf('vcl').replace('<the key>', key)}`);
      await startProgram(
        findProgram('varnishd') ?? 'varnishd',
        [
          ...['-F', '-j', 'none', '-T', 'none', '-n', join(folder, 'varnish-recipe')],
          ...['-a', `127.0.0.1:${port}`, '-f', vcl, '-s', 'malloc,64m'],
        ],
        /said Child starts/,
        running,
      );
      return `http://127.0.0.1:${port}`;
    },
  },
];

/** The block of the page in this language. */
function blockOf(language: string): string {
  return new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(page)![1]!;
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

export const recipes: Part = {
  name: 'recipes',
  needs: {
    haproxy: 'haproxy',
    varnish: 'varnishd',
    'varnish-vmod-digest': '/usr/share/doc/varnish-vmod-digest',
  },
  run: judgeRecipes,
};

async function judgeRecipes({ account, folder, running, closing }: Ground): Promise<void> {
  const store = createServer((request, response) => response.end(request.url));
  const storePort = await listen(store, running);
  for (const { name, start } of bothRecipes) {
    account.note(`\n${name}, by its recipe:`);
    const address = await start(folder, storePort, running);
    const signer = createSigner({ scheme: schemeOf(name, address), ttl: '1h' });
    const expiresAt = Math.floor(Date.now() / 1000) + 3;
    const urls = names.map((each) => signer.signImage(each));
    const short = names.map((each) => signer.signImage(each, { expiresAt }));
    const all = [...urls, ...short];
    const pathOf = (url: string): string => url.slice(address.length).replace(/\?.*$/, '');

    const delivered = await Promise.all(all.map(askAsWritten));
    account.check(
      `passes ${urls.length} names on as they are written`,
      delivered.every(
        ({ status, body }, index) => status === 200 && body.replace(/\?.*$/, '') === pathOf(all[index]!),
      ),
      delivered.map(({ status, body }, index) => `${status} ${body} for ${urls[index % urls.length]}`),
    );
    const { status } = await askAsWritten(signer.signImage(`${address}/uploads/a.jpg?v=2`));
    account.check('and a parameter that is kept', status === 200, [String(status)]);

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
    await checkStatus(account, 'refuses them plain, moved and changed', forgeries, 403);
    await sleep((expiresAt + 1) * 1000 - Date.now(), undefined, { signal: closing });
    await checkStatus(account, 'and once they have expired', short, 410);
  }
}
