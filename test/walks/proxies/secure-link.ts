/** A real nginx with the block of docs/schemes/nginx-secure-link.md: what it delivers, and what it refuses. */
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSigner, type Signer } from 'image-signer';
import { type NginxSecureLinkOptions, nginxSecureLink } from 'image-signer/schemes';
import type { Account } from './account.ts';
import { startNginx } from './nginx.ts';
import type { Ground, Part } from './part.ts';
import { freePort } from './process.ts';
import { askAsWritten, checkStatus, printable } from './raw-request.ts';

const secret = 'a-secret-of-nobody';

/** Further ways to set nginx up, as a site may have them. */
const variations: readonly Partial<NginxSecureLinkOptions>[] = [
  {},
  { expression: '$key$secure_link_expires$uri' },
  { expression: '$uri $secure_link_expires $key', token: ['st', 'e'] },
  { expression: `photos \${secure_link_expires}1\${key}:$uri`, token: ['MD5_1', 'expires'] },
];

/** Every printable character that a name on a disk may have, and some of other writings. */
const names = [
  ...printable,
  ...['é', 'e\u0301', '日本', '🙂', '100%', '100%25', '%41', '; x=1', '1 1790000000', 'a+b c', '..a'],
  '?v=1&md5=a',
].map((each) => `uploads/a${each}b${each}`);

export const secureLink: Part = { name: 'secure-link', needs: { nginx: 'nginx' }, run: judgeSecureLink };

async function judgeSecureLink({ account, folder, running, closing }: Ground): Promise<void> {
  account.note('\nnginx with secure_link, as docs/schemes/nginx-secure-link.md has it:');
  const root = join(folder, 'www');
  await mkdir(join(root, 'private/uploads'), { recursive: true });
  await Promise.all(names.map((name) => writeFile(join(root, 'private', name), name)));
  for (const options of variations) {
    const port = await freePort();
    const server = `server { listen 127.0.0.1:${port}; ${blockOf(root, options)} }`;
    await startNginx(join(folder, `nginx-${port}`), server, running);
    await judge(account, `http://127.0.0.1:${port}`, options, closing);
  }
}

/** The block of the page, with the folder, the secret and the expression of this run. */
function blockOf(root: string, options: Partial<NginxSecureLinkOptions>): string {
  const { expression, token: [md5, expires] = ['md5', 'expires'] } = options;
  const page = readFileSync(new URL('../../../docs/schemes/nginx-secure-link.md', import.meta.url), 'utf8');
  const [, block = ''] = /```nginx\n(.*?)```/s.exec(page) ?? [];
  const written = block
    .replace('root /var/www;', `root ${root};`)
    .replace('$arg_md5,$arg_expires', `$arg_${md5},$arg_${expires}`)
    .replace(
      /(?<=secure_link_md5 ").*(?=";)/,
      (text) => expression?.replace(/\$\{?key\}?/, '<the secret>') ?? text,
    )
    .replace('<the secret>', secret);
  for (const part of [root, secret, `$arg_${md5},`])
    if (!written.includes(part)) throw new Error(`The block of the page has no place for ${part}.`);
  return written;
}

async function judge(
  account: Account,
  address: string,
  options: Partial<NginxSecureLinkOptions>,
  closing: AbortSignal,
): Promise<void> {
  const place = { url: `${address}/private`, key: secret, prefixes: 'uploads/' };
  const scheme = nginxSecureLink({ ...place, ...options });
  const signer = createSigner({ scheme, ttl: '1h' });
  const { expression = 'the expression of the page' } = options;
  const urls = names.map((name) => signer.signImage(name));

  const delivered = await Promise.all(urls.map(askAsWritten));
  account.check(
    `${expression}: delivers ${names.length} names, each its own file`,
    delivered.every(({ status, body }, index) => status === 200 && body === names[index]),
    delivered.flatMap(({ status }, index) => (status === 200 ? [] : `${status} ${urls[index]}`)),
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
  await checkStatus(
    account,
    'refuses them plain, with the token of another one, or a wrong one',
    forgeries,
    403,
  );
  // Behind a secret that comes first, whoever continues an MD5 needs such a byte.
  const continued = await askAsWritten(urls[0]!.replace('?', '%80%00?'));
  account.check('takes no path with a NUL (400)', continued.status === 400, [String(continued.status)]);
  await judgeExpiry(account, signer, closing);
}

async function judgeExpiry(account: Account, signer: Signer, closing: AbortSignal): Promise<void> {
  const expiresAt = Math.floor(Date.now() / 1000) + 2;
  const urls = names.map((name) => signer.signImage(name, { expiresAt }));
  await checkStatus(account, 'delivers them until they expire', urls, 200);
  // nginx delivers in the second of the expiry itself, and counts in whole seconds.
  await sleep((expiresAt + 2) * 1000 - Date.now(), undefined, { signal: closing });
  await checkStatus(account, 'and not after that', urls, 410);
}
