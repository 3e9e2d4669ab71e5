/**
 * Opens an original that was found before. In the meantime, somebody who can write into the folder may have replaced it, or a
 * folder on the way to it, with a link: then another file would be opened, perhaps outside of the folder.
 */
import { constants, promises } from 'node:fs';
import { Readable } from 'node:stream';
import type { Original } from './picture-folder.ts';

type FileHandle = promises.FileHandle;

/** @throws if the file is gone, or is not the one that was found */
export async function openOriginal({ path }: Pick<Original, 'path'>): Promise<FileHandle> {
  const file = await promises.open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    if (await isAt(file, path)) return file;
  } catch {}
  await file.close();
  throw new Error('the original was replaced');
}

/** Linux says where an open file is. Elsewhere the path is checked again, which a link that comes and goes may evade. */
async function isAt(file: FileHandle, path: string): Promise<boolean> {
  const opened = await promises.readlink(`/proc/self/fd/${file.fd}`).catch(() => undefined);
  // A file that was replaced after it was opened is still the one that was found.
  if (opened !== undefined) return opened === path || opened === `${path} (deleted)`;
  if ((await promises.realpath(path)) !== path) return false;
  const [own, found] = await Promise.all([file.stat(), promises.lstat(path)]);
  return own.ino === found.ino && own.dev === found.dev;
}

/**
 * Reads only the size that was found: a file that has grown since takes no more memory.
 * @throws as `openOriginal`
 */
export async function readOriginal(original: Original): Promise<Buffer> {
  const file = await openOriginal(original);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafeSlow(original.size), 0, original.size, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/**
 * The bytes from `start` to `end` inclusive. The stream fails if there are fewer: otherwise the client would take the next
 * response on the connection for the rest.
 */
export function streamOriginal(original: Original, start: number, end: number): Readable {
  return Readable.from(pieces(original, start, end), { objectMode: false });
}

async function* pieces(original: Original, start: number, end: number): AsyncGenerator<Buffer> {
  const file = await openOriginal(original);
  let left = end - start + 1;
  try {
    for await (const piece of file.createReadStream({ start, end, autoClose: false })) {
      left -= (piece as Buffer).length;
      yield piece as Buffer;
    }
  } finally {
    await file.close();
  }
  if (left > 0) throw new Error('the original has become shorter');
}
