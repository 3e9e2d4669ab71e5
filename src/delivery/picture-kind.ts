/** What kind of image a file is, by its first bytes: names are the app's, and may lie. */

/** Kinds that Cloudflare Images takes, and browsers show. */
export type PictureKind = 'jpeg' | 'png' | 'gif' | 'webp' | 'avif' | 'svg';

/** Kinds that are made of pixels. */
export type RasterKind = Exclude<PictureKind, 'svg'>;

export interface PictureForm {
  readonly kind: PictureKind;
  /** Whether it may be an animation, as far as the first bytes say. */
  readonly mayMove: boolean;
}

/** How many bytes are looked at: an SVG may begin with a declaration and comments. */
export const headLength = 4_096;

export const mediaTypes: Readonly<Record<PictureKind, string>> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  svg: 'image/svg+xml',
};

/** @returns undefined for what is no image */
export function formOf(head: Buffer): PictureForm | undefined {
  const kind = kindOf(head);
  if (kind === undefined) return undefined;
  // In an extended WebP file the second bit says "animation" (RFC 9649, 2.7.1).
  const isMovingWebp = kind === 'webp' && at(head, 12, 'VP8X') && (head[20]! & 2) !== 0;
  return { kind, mayMove: kind === 'gif' || isMovingWebp };
}

function kindOf(head: Buffer): PictureKind | undefined {
  if (at(head, 0, '\xff\xd8\xff')) return 'jpeg';
  if (at(head, 0, '\x89PNG\r\n\x1a\n')) return 'png';
  if (at(head, 0, 'GIF87a') || at(head, 0, 'GIF89a')) return 'gif';
  if (at(head, 0, 'RIFF') && at(head, 8, 'WEBP')) return 'webp';
  // The major brand, or a compatible one: `avif` for a still picture, `avis` for a sequence (AVIF 1.1, 8).
  if (at(head, 4, 'ftyp') && /^(?:.{4})*?avi[fs]/s.test(brandsOf(head))) return 'avif';
  return isSvg(head) ? 'svg' : undefined;
}

function brandsOf(head: Buffer): string {
  const brands = head.toString('latin1', 8, Math.min(head.readUInt32BE(0), 256));
  return brands.slice(0, 4) + brands.slice(8);
}

function at(head: Buffer, offset: number, text: string): boolean {
  return head.toString('latin1', offset, offset + text.length) === text;
}

/** A comment, a declaration, or a document type, which may declare entities, as that of Adobe Illustrator does. */
const prologue =
  /^<(?:!--.*?--|\?.*?\?|!DOCTYPE(?:[^[>"']|"[^"]*"|'[^']*')*(?:\[(?:[^\]"']|"[^"]*"|'[^']*')*\]\s*)?)>/is;

/** The first element is `<svg>`: an HTML page that holds one is no image. */
function isSvg(head: Buffer): boolean {
  let text = head.toString('utf8').replace(/^\ufeff/, '');
  for (;;) {
    text = text.trimStart();
    if (/^<svg[\s/>]/.test(text)) return true;
    const before = prologue.exec(text);
    if (before === null) return false;
    text = text.slice(before[0].length);
  }
}
