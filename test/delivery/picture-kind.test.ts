/** What kind of image a file is, by its first bytes. */
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { formOf } from '../../src/delivery/picture-kind.ts';
import { animation, quarters } from '../support/servers/delivery-site.ts';

test('each kind is known by its bytes, and what may move', async () => {
  const picture = quarters(20, 10);
  const moving = await animation();
  for (const kind of ['jpeg', 'png', 'webp', 'avif'] as const)
    expect(formOf(await picture.clone().toFormat(kind).toBuffer())).toEqual({ kind, mayMove: false });
  expect(formOf(moving)).toEqual({ kind: 'gif', mayMove: true });
  const webp = await sharp(moving, { animated: true }).webp().toBuffer();
  expect(formOf(webp)).toEqual({ kind: 'webp', mayMove: true });
});

const svg = '<svg xmlns="http://www.w3.org/2000/svg"/>';

test.each([
  svg,
  `\ufeff${svg}`,
  `<?xml version="1.0"?>\n<!-- a <html> comment -->\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x">\n${svg}`,
  `<!DOCTYPE svg PUBLIC "a" "b" [\n  <!ENTITY ns_svg "http://www.w3.org/2000/svg">\n  <!ENTITY end "]>">\n]>\n${svg}`,
])('%j is an SVG', (text) => {
  expect(formOf(Buffer.from(text))?.kind).toBe('svg');
});

test.each([
  '',
  'no image',
  `<html>${svg}</html>`,
  `text ${svg}`,
  '<!-- <svg> -->',
  '<!-- never closed <svg>',
  '<!DOCTYPE svg [ <!ENTITY a "b"> <svg>',
  `<!DOCTYPE html><html>${svg}</html>`,
  ...['<svgx>', '<?xml', '%PDF-1.7', 'GIF86a', 'RIFF1234WAVE', '\x7fELF', 'BM'],
  '\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom',
])('%j is no image', (text) => {
  expect(formOf(Buffer.from(text, 'latin1'))).toBeUndefined();
});
