/** A real nginx with the block of docs/schemes/nginx-secure-link.md: what it delivers, and what it refuses. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSigner } from 'image-signer';
import { type NginxSecureLinkOptions, nginxSecureLink } from 'image-signer/schemes';
import { expect, test } from 'vitest';
import { temporaryFiles } from '../../support/package/temporary-files.ts';
import { blockOf, freePort, startNginx } from '../../support/servers/programs.ts';
import { askAsWritten, othersThan, printable } from './names.ts';

const secret = 'a-secret-of-nobody';
const page = readFileSync(new URL('../../../docs/schemes/nginx-secure-link.md', import.meta.url), 'utf8');
const { folder, file } = temporaryFiles();
const root = join(folder, 'www');

/** Every printable character that a name on a disk may have, and some of other writings. */
const names = [
  ...printable,
  ...['é', 'e\u0301', '日本', '🙂', '100%', '100%25', '%41', '; x=1', '1 1790000000', 'a+b c', '..a'],
  '?v=1&md5=a',
].map((each) => `uploads/a${each}b${each}`);
mkdirSync(join(root, 'private/uploads'), { recursive: true });
for (const name of names) file(join('www/private', name), name);

/** The block of the page, with the folder, the secret and the expression of this run. */
function writtenFor({ expression, token: [md5, expires] = ['md5', 'expires'] }: Options): string {
  const written = blockOf(page, 'nginx')
    .replace('root /var/www;', `root ${root};`)
    .replace('$arg_md5,$arg_expires', `$arg_${md5},$arg_${expires}`)
    .replace(
      /(?<=secure_link_md5 ").*(?=";)/,
      (text) => expression?.replace(/\$\{?key\}?/, '<the secret>') ?? text,
    )
    .replace('<the secret>', secret);
  for (const part of [root, secret, `$arg_${md5},`]) expect(written).toContain(part);
  return written;
}

type Options = Partial<NginxSecureLinkOptions>;

test.each<[title: string, options: Options]>([
  ['the page', {}],
  ['a secret that comes first', { expression: '$key$secure_link_expires$uri' }],
  ['other parameters', { expression: '$uri $secure_link_expires $key', token: ['st', 'e'] }],
  [
    'text between',
    { expression: `photos \${secure_link_expires}1\${key}:$uri`, token: ['MD5_1', 'expires'] },
  ],
])(
  'with the expression of %s nginx delivers each name for its own token, until that expires',
  async (_, options) => {
    const port = await freePort();
    await startNginx(
      join(folder, `nginx-${port}`),
      `server { listen 127.0.0.1:${port}; ${writtenFor(options)} }`,
    );
    const place = { url: `http://127.0.0.1:${port}/private`, key: secret, prefixes: 'uploads/' };
    const signer = createSigner({ scheme: nginxSecureLink({ ...place, ...options }), ttl: '1h' });
    const urls = names.map((name) => signer.signImage(name));

    const delivered = await Promise.all(urls.map(askAsWritten));
    expect(delivered.map(({ status, text }) => `${status} ${text}`)).toEqual(
      names.map((name) => `200 ${name}`),
    );

    const forgeries = urls.flatMap((url, index) => {
      const other = urls[(index + 1) % urls.length]!;
      const [plain = '', token = ''] = [url.slice(0, url.indexOf('?')), url.slice(url.indexOf('?'))];
      return [
        plain,
        other.slice(0, other.indexOf('?')) + token,
        plain + token.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10)),
        plain + token.replace(/=(.)/, (_, first: string) => `=${first === 'A' ? 'B' : 'A'}`),
      ];
    });
    expect(await othersThan(403, forgeries)).toEqual([]);
    // Behind a secret that comes first, whoever continues an MD5 needs such a byte.
    expect(await othersThan(400, [urls[0]!.replace('?', '%80%00?')])).toEqual([]);

    const expiresAt = Math.floor(Date.now() / 1000) + 2;
    const short = names.map((name) => signer.signImage(name, { expiresAt }));
    expect(await othersThan(200, short)).toEqual([]);
    // nginx delivers in the second of the expiry itself, and counts in whole seconds.
    await sleep((expiresAt + 2) * 1000 - Date.now());
    expect(await othersThan(410, short)).toEqual([]);
  },
);
