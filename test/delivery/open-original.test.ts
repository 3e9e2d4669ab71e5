/** An original is opened as the file that was found, or not at all; and its bytes go out whole, or the connection ends. */
import {
  appendFileSync,
  promises,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { openOriginal, readOriginal, streamOriginal } from '../../src/delivery/open-original.ts';
import { type Original, PictureFolder } from '../../src/delivery/picture-folder.ts';
import { newFolder, removeFolders, writeFiles } from '../support/servers/delivery-site.ts';

afterAll(removeFolders);

let folder: string;
let outside: string;
let found: Original;

beforeEach(async () => {
  folder = realpathSync(newFolder());
  outside = realpathSync(newFolder());
  writeFiles(folder, { 'album/a.svg': '<svg>mine</svg>', 'b.svg': '<svg>other</svg>' });
  writeFiles(outside, { 'a.svg': '<svg>secret</svg>' });
  found = (await new PictureFolder(folder).find('album/a'))!;
});

async function readAll(original: Original): Promise<string[]> {
  const stream = async (): Promise<string> =>
    Buffer.concat(await streamOriginal(original, 0, original.size - 1).toArray()).toString();
  const ways = [
    readOriginal(original).then(String),
    stream(),
    openOriginal(original).then(async (file) => {
      const text = await file.readFile('utf8');
      await file.close();
      return text;
    }),
  ];
  return (await Promise.allSettled(ways)).map((each) =>
    each.status === 'fulfilled' ? each.value : 'nothing',
  );
}

test('is read in each way', async () => {
  expect(await readAll(found)).toEqual(Array.from({ length: 3 }, () => '<svg>mine</svg>'));
});

describe('after it was found', () => {
  const inAlbum = (): string => join(folder, 'album/a.svg');
  test.each<[string, () => void]>([
    ['a link out of the folder', () => symlinkSync(join(outside, 'a.svg'), inAlbum())],
    ['a link to another picture', () => symlinkSync(join(folder, 'b.svg'), inAlbum())],
    ['nothing', () => {}],
  ])('%s in its place is not read', async (_, put) => {
    rmSync(inAlbum());
    put();
    expect(await readAll(found)).toEqual(['nothing', 'nothing', 'nothing']);
  });

  test('a file that grows takes no more memory than was found', async () => {
    appendFileSync(inAlbum(), 'x'.repeat(100_000));
    expect((await readOriginal(found)).toString()).toBe('<svg>mine</svg>');
  });

  test('a link in the place of its folder is not followed', async () => {
    renameSync(join(folder, 'album'), join(folder, 'moved'));
    symlinkSync(outside, join(folder, 'album'));
    expect(await readAll(found)).toEqual(['nothing', 'nothing', 'nothing']);
  });

  test('a file that has become shorter ends its stream with an error', async () => {
    truncateSync(inAlbum(), 5);
    await expect(streamOriginal(found, 0, found.size - 1).toArray()).rejects.toThrow('shorter');
  });

  test('a file that has become longer gives what was announced', async () => {
    await promises.appendFile(inAlbum(), 'more');
    expect(String(Buffer.concat(await streamOriginal(found, 0, found.size - 1).toArray()))).toBe(
      '<svg>mine</svg>',
    );
  });
});
