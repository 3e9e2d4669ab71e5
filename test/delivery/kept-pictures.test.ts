/** Made pictures on the disk: whole, or not at all, in a folder that is this user's alone. */
import {
  chmodSync,
  mkdirSync,
  promises,
  readdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type KeepingDisk, KeptPictures, privateFolder } from '../../src/delivery/kept-pictures.ts';
import { newFolder, removeFolders } from '../support/delivery-site.ts';

afterAll(removeFolders);

test('what is kept is read, by this process and by others, and by nobody else', async () => {
  const folder = join(newFolder(), 'kept');
  expect(privateFolder(folder)).toBeUndefined();
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  const kept = new KeptPictures(folder, 1_000);
  expect(await kept.read('a.webp')).toBeUndefined();
  expect(await kept.keep('a.webp', Buffer.from('picture'))).toBe(true);
  const picture = { size: 7, body: Buffer.from('picture') };
  expect(await kept.read('a.webp')).toEqual(picture);
  expect(await new KeptPictures(folder, 1_000).read('a.webp')).toEqual(picture);
  expect(readdirSync(folder)).toEqual(['a.webp']);
  expect(statSync(join(folder, 'a.webp')).mode & 0o777).toBe(0o600);
});

const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });

test.each<[string, (folder: string) => Partial<KeepingDisk>]>([
  ['a disk that is full from the start', () => ({ writeFile: () => Promise.reject(full) })],
  [
    'a disk that fills up in the middle of a picture',
    () => ({
      async writeFile(path: unknown) {
        writeFileSync(path as string, 'pic');
        throw full;
      },
    }),
  ],
  ['a rename that fails', () => ({ rename: () => Promise.reject(full) })],
])('%s keeps nothing, and leaves no half', async (_, failing) => {
  const folder = newFolder();
  const kept = new KeptPictures(folder, 1_000, { ...promises, ...failing(folder) } as KeepingDisk);
  expect(await kept.keep('a.webp', Buffer.from('picture'))).toBe(false);
  expect(await kept.read('a.webp')).toBeUndefined();
  expect(readdirSync(folder)).toEqual([]);
});

test('a large picture is read as it is sent, so that clients that do not read hold little of it', async () => {
  const folder = newFolder();
  const bytes = Buffer.alloc(900_000, 'a picture');
  writeFileSync(join(folder, 'a.webp'), bytes);
  const { size, body } = (await new KeptPictures(folder, 1_000_000).read('a.webp'))!;
  expect(size).toBe(bytes.length);
  if (typeof body !== 'function') throw new Error('expected a stream');
  expect(Buffer.concat(await body(0, size - 1).toArray()).equals(bytes)).toBe(true);
  expect(Buffer.concat(await body(9, 17).toArray()).toString()).toBe('a picture');
});

test('an empty file, as a machine that stopped may leave it, is none', async () => {
  const folder = newFolder();
  writeFileSync(join(folder, 'a.webp'), '');
  expect(await new KeptPictures(folder, 1_000).read('a.webp')).toBeUndefined();
});

test('beyond the bound the oldest go, with halves that nobody writes any more', async () => {
  const folder = newFolder();
  for (const [index, name] of ['oldest', 'older', 'newer'].entries()) {
    writeFileSync(join(folder, name), Buffer.alloc(300));
    utimesSync(join(folder, name), 1_000 + index, 1_000 + index);
  }
  writeFileSync(join(folder, 'left.part'), 'half');
  utimesSync(join(folder, 'left.part'), 1_000, 1_000);
  writeFileSync(join(folder, 'being-written.part'), 'half');
  const kept = new KeptPictures(folder, 1_000);
  expect(await kept.keep('new', Buffer.alloc(300))).toBe(true);
  expect(readdirSync(folder).sort()).toEqual(['being-written.part', 'new', 'newer', 'older']);
  expect(await kept.keep('more', Buffer.alloc(300))).toBe(true);
  expect(readdirSync(folder).sort()).toEqual(['being-written.part', 'more', 'new', 'newer']);
  expect(await kept.keep('larger than all', Buffer.alloc(1_001))).toBe(false);
});

test('however many are kept at once, the folder stays within its bound', async () => {
  const folder = newFolder();
  const kept = new KeptPictures(folder, 1_000);
  await Promise.all(Array.from({ length: 50 }, (_, index) => kept.keep(`${index}`, Buffer.alloc(90))));
  await kept.keep('last', Buffer.alloc(90));
  expect(readdirSync(folder).length * 90).toBeLessThanOrEqual(1_000);
});

test('a folder that others may write to, a link, a file and what cannot be made are not used', () => {
  const folder = newFolder();
  mkdirSync(join(folder, 'open'));
  chmodSync(join(folder, 'open'), 0o755);
  mkdirSync(join(folder, 'own'), { mode: 0o700 });
  symlinkSync(join(folder, 'own'), join(folder, 'link'));
  writeFileSync(join(folder, 'file'), '');
  expect(privateFolder(join(folder, 'own'))).toBeUndefined();
  expect(privateFolder(join(folder, 'open'))).toMatch(/open to other users/);
  expect(privateFolder(join(folder, 'link'))).toMatch(/link/);
  expect(privateFolder(join(folder, 'file'))).toBeDefined();
  expect(privateFolder(join(folder, 'file/below'))).toBeDefined();
});
