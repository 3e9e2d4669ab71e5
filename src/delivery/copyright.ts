/** Reads the copyright notice out of EXIF: the one tag that `metadata: 'copyright'` keeps. */

/** @see Exif 3.0, 4.6.5: the tag `Copyright` of the first directory, as text in ASCII */
const copyrightTag = 0x8298;
const asciiType = 2;
const entryLength = 12;

/** @param exif - as it stands in a file, with or without `Exif\0\0` before it. @returns undefined if it says nothing */
export function copyrightOf(exif: Buffer): string | undefined {
  const tiff = exif.toString('latin1', 0, 6) === 'Exif\0\0' ? exif.subarray(6) : exif;
  const order = tiff.toString('latin1', 0, 2);
  if (order !== 'II' && order !== 'MM') return undefined;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const isLittle = order === 'II';
  try {
    const start = view.getUint32(4, isLittle);
    const count = view.getUint16(start, isLittle);
    for (let index = 0; index < count; index++) {
      const entry = start + 2 + index * entryLength;
      if (view.getUint16(entry, isLittle) !== copyrightTag) continue;
      const length = view.getUint32(entry + 4, isLittle);
      // A text of up to four bytes stands in the place of its offset.
      const offset = length <= 4 ? entry + 8 : view.getUint32(entry + 8, isLittle);
      if (view.getUint16(entry + 2, isLittle) !== asciiType) return undefined;
      return tiff.toString('utf8', offset, offset + length).replace(/\0+$/, '') || undefined;
    }
  } catch {} // an offset behind the end
  return undefined;
}
