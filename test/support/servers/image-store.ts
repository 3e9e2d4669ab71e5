/** Images behind the guard. Each file says whether it is `private`, `public` or `outside`, which nobody may ever get. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { accountHash, id } from '../samples.ts';
import { serve } from './frameworks.ts';

export const privateVariants: readonly string[] = ['thumb', 'card'];
export const publicVariant: string = 'preview';
/** Images of the site: of one viewer, of another, and in folders. */
export const images: readonly string[] = ['secret', id, 'media/2026/a b', 'thumb', 'größe'];

export interface ImageStore {
  /** `<account>/<id>/<variant>` is below. */
  readonly folder: string;
  /** `http://127.0.0.1:<port>/images`, with `<account>/<id>/<variant>` below. */
  readonly bucket: string;
  /** `http://127.0.0.1:<port>/by-id`, with `<id>/<variant>` below. */
  readonly bucketById: string;
  close(): Promise<void>;
}

export async function openStore(): Promise<ImageStore> {
  const root = mkdtempSync(join(tmpdir(), 'image-signer-test-'));
  const folder = join(root, 'served', 'images');
  const objects = new Map<string, string>();
  const put = (path: string, content: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
    objects.set(`/${path.replace(/^served\//, '')}`, content);
  };
  for (const image of images) {
    for (const variant of [...privateVariants, publicVariant]) {
      const path = `${accountHash}/${image}/${variant}`;
      const content = `${variant === publicVariant ? 'public' : 'private'} ${path}\n`;
      put(`served/images/${path}`, content);
      objects.set(`/by-id/${image}/${variant}`, content);
    }
  }
  for (const variant of [...privateVariants, publicVariant]) {
    for (const path of [variant, `internal/${variant}`]) {
      put(path, 'outside\n');
      put(`served/${path}`, 'outside\n');
    }
  }
  const site = await serve((request, response) => {
    const found = keysOf(request.url ?? '').find((key) => objects.has(key));
    response.statusCode = found === undefined ? 404 : 200;
    response.end(found === undefined ? 'no such key\n' : objects.get(found));
  });
  const origin = `http://127.0.0.1:${site.port}`;
  return {
    folder,
    bucket: `${origin}/images`,
    bucketById: `${origin}/by-id`,
    async close() {
      await site.close();
      rmSync(root, { recursive: true });
    },
  };
}

/**
 * The keys that stores take a path for: decoded once, and, in those that have folders, tidied up. None here takes two
 * names for one, as one would that ignores case or what stands behind a `;`: whoever owns the one name has the other.
 */
function keysOf(target: string): string[] {
  const [path = ''] = target.split('?');
  let key = path;
  try {
    key = decodeURIComponent(path);
  } catch {}
  return [key, posix.normalize(key), posix.normalize(key.replaceAll('\\', '/'))];
}
