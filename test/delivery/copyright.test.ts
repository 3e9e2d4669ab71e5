/** The copyright notice in EXIF. */
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { copyrightOf } from '../../src/delivery/make-picture.ts';
import { photo } from '../support/servers/delivery-site.ts';

async function exifWith(copyright: string): Promise<Buffer> {
  const bytes = await sharp(await photo())
    .withExif({ IFD0: { Artist: 'Somebody', Copyright: copyright } })
    .toBuffer();
  return (await sharp(bytes).metadata()).exif!;
}

test.each(['Ansel A.', 'A', '1999 (c) Somebody Else, all rights reserved'])(
  '%j is read',
  async (copyright) => {
    const exif = await exifWith(copyright);
    expect(copyrightOf(exif)).toBe(copyright);
    expect(copyrightOf(exif.toString('latin1', 0, 4) === 'Exif' ? exif.subarray(6) : exif)).toBe(copyright);
  },
);

test('big-endian EXIF is read as well', () => {
  const exif = Buffer.from('MM\0*\0\0\0\x08\0\x01\x82\x98\0\x02\0\0\0\x04abc\0', 'latin1');
  expect(copyrightOf(exif)).toBe('abc');
});

test('what is no EXIF, has another type, or is cut off anywhere, gives nothing, and throws nothing', async () => {
  expect(copyrightOf(Buffer.from('no exif at all'))).toBeUndefined();
  expect(
    copyrightOf(Buffer.from('MM\0*\0\0\0\x08\0\x01\x82\x98\0\x03\0\0\0\x04abc\0', 'latin1')),
  ).toBeUndefined();
  const exif = await exifWith('Ansel A.');
  for (let length = 0; length < exif.length; length++) {
    const copyright = copyrightOf(exif.subarray(0, length));
    expect(copyright === undefined || 'Ansel A.'.startsWith(copyright)).toBe(true);
  }
});
