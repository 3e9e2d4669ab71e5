/** The file of an image id, in a folder as a person keeps it. */
import { promises, realpathSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FolderDisk, PictureFolder } from '../../src/delivery/picture-folder.ts';
import { newFolder, removeFolders, writeFiles } from '../support/servers/delivery-site.ts';

let root: string;
let folder: PictureFolder;

beforeAll(() => {
  const outside = newFolder();
  writeFiles(outside, { 'canary.jpg': 'outside', 'folder/canary.jpg': 'outside' });
  root = realpathSync(newFolder());
  writeFiles(root, {
    'sunset.jpg': '1',
    'twice.jpg': '1',
    'twice.png': '2',
    exact: '1',
    'exact.jpg': '2',
    'a.b.jpg': '1',
    'beside.jpg': '1',
    'beside.d/inner.jpg': '2',
    'both/inner.jpg': '1',
    'both.png': '2',
    '2026/harbour.webp': '1',
    'é ü.jpg': '1',
    '.hidden.jpg': 'hidden',
    '.hidden/canary.jpg': 'hidden',
  });
  symlinkSync(join(outside, 'canary.jpg'), join(root, 'leaving.jpg'));
  symlinkSync(join(outside, 'folder'), join(root, 'away'));
  symlinkSync('.hidden', join(root, 'shown'));
  symlinkSync('sunset.jpg', join(root, 'evening.jpg'));
  symlinkSync('2026', join(root, 'year'));
  symlinkSync('loop', join(root, 'loop'));
  folder = new PictureFolder(root);
});
afterAll(removeFolders);

test.each([
  ['sunset.jpg', 'sunset.jpg'],
  ['sunset', 'sunset.jpg'],
  ['exact', 'exact'],
  ['exact.jpg', 'exact.jpg'],
  ['a.b', 'a.b.jpg'],
  ['beside', 'beside.jpg'],
  ['both', 'both.png'],
  ['2026/harbour', '2026/harbour.webp'],
  ['é ü', 'é ü.jpg'],
  // A link within the folder has the name of what it leads to, so that isPublic sees one image.
  ['evening', 'sunset.jpg'],
  ['year/harbour', '2026/harbour.webp'],
])('%j is the file %j', async (id, file) => {
  expect(await folder.find(id)).toMatchObject({ file, path: join(root, file) });
});

test.each([
  ...'twice a Sunset SUNSET.JPG sunset.jpg/x 2026 2026/harbour/x .hidden .hidden/canary shown/canary'.split(
    ' ',
  ),
  ...'leaving leaving.jpg away/canary away/canary.jpg loop loop/a nothing'.split(' '),
])('%j is none', async (id) => {
  expect(await folder.find(id)).toBeUndefined();
});

/** Where everything was last changed earlier than it was, which no program can write. @param age - in milliseconds */
function olderDisk(age: () => number): FolderDisk {
  const stat = async (path: string) => {
    const stats = await promises.stat(path);
    stats.ctimeMs -= age();
    return stats;
  };
  return { ...promises, stat } as unknown as FolderDisk;
}

test('a link in the place of a picture is seen, also in a folder whose time was set back', async () => {
  const own = realpathSync(newFolder());
  const outside = newFolder();
  writeFiles(outside, { 'secret.jpg': '1' });
  writeFiles(own, { 'mine/a.jpg': '1' });
  utimesSync(join(own, 'mine'), 1_000_000, 1_000_000);
  const found = new PictureFolder(own);
  expect(await found.find('mine/a')).toBeDefined();
  rmSync(join(own, 'mine/a.jpg'));
  symlinkSync(join(outside, 'secret.jpg'), join(own, 'mine/a.jpg'));
  utimesSync(join(own, 'mine'), 1_000_000, 1_000_000);
  expect(await found.find('mine/a')).toBeUndefined();
});

test('what changes in a folder is seen, also within one tick of its time', async () => {
  const own = realpathSync(newFolder());
  writeFiles(own, { 'old.jpg': '1' });
  let age = 3_600_000;
  const disk = olderDisk(() => age);
  const found = new PictureFolder(own, disk);
  // Long unchanged, so that its listing is kept.
  expect(await found.find('old')).toBeDefined();
  age = 0;
  rmSync(join(own, 'old.jpg'));
  writeFiles(own, { 'new.jpg': '1' });
  expect(await found.find('old')).toBeUndefined();
  expect(await found.find('new')).toBeDefined();
  const { mtime } = await promises.stat(own);
  writeFiles(own, { 'newer.jpg': '1' });
  utimesSync(own, mtime, mtime);
  expect(await found.find('newer')).toBeDefined();
});

test('a listing is read once while the folder does not change', async () => {
  const own = realpathSync(newFolder());
  writeFiles(own, { 'a.jpg': '1' });
  let reads = 0;
  const readdir = ((...args: Parameters<typeof promises.readdir>) => {
    reads++;
    return promises.readdir(...args);
  }) as unknown as FolderDisk['readdir'];
  const found = new PictureFolder(own, { ...olderDisk(() => 3_600_000), readdir });
  for (let i = 0; i < 3; i++) expect(await found.find('a')).toBeDefined();
  expect(reads).toBe(1);
});

test('a file system that folds case opens one file under one name alone', async () => {
  const own = realpathSync(newFolder());
  writeFiles(own, { 'folder/photo.jpg': '1' });
  const actual = (path: unknown): string => `${own}${String(path).slice(own.length).toLowerCase()}`;
  const folding = {
    stat: (path: string) => promises.stat(actual(path)),
    realpath: (path: string) => promises.realpath(actual(path)),
    readdir: (path: string, options: { withFileTypes: true }) => promises.readdir(actual(path), options),
  } as unknown as FolderDisk;
  const found = new PictureFolder(own, folding);
  expect(await found.find('folder/photo')).toMatchObject({ file: 'folder/photo.jpg' });
  for (const id of ['Folder/photo', 'folder/PHOTO', 'folder/photo.JPG', 'FOLDER/PHOTO.JPG'])
    expect(await found.find(id), id).toBeUndefined();
});
