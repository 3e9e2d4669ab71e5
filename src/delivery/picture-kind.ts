/**
 * The kinds of pictures: a file's kind follows from its first bytes, since names may lie; the kind that a client gets follows
 * from `Accept` (RFC 9110, 12.5.1).
 */

/** Kinds that Cloudflare Images accepts, and browsers show. */
export type PictureKind = 'jpeg' | 'png' | 'gif' | 'webp' | 'avif' | 'svg';

/** Kinds that are made of pixels. */
export type RasterKind = Exclude<PictureKind, 'svg'>;

export interface PictureForm {
  readonly kind: PictureKind;
  /** Whether it may be an animation, as far as the first bytes say. */
  readonly mayMove: boolean;
}

/** How many bytes are read: an SVG may begin with a declaration and comments. */
export const headLength = 4_096;

export function mediaTypeOf(kind: PictureKind): string {
  return `image/${kind === 'svg' ? 'svg+xml' : kind}`;
}

/** @returns undefined for anything but an image */
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

/** A comment, a declaration, or a document type, which may declare entities, as Adobe Illustrator's does. */
const prologue =
  /^<(?:!--.*?--|\?.*?\?|!DOCTYPE(?:[^[>"']|"[^"]*"|'[^']*')*(?:\[(?:[^\]"']|"[^"]*"|'[^']*')*\]\s*)?)>/is;

/** Whether the first element is `<svg>`: an HTML page with an `<svg>` in it isn't an image. */
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

/** The smaller kinds, the smallest first. Clients that support them name them. */
const smaller: readonly PictureKind[] = ['avif', 'webp'];

/**
 * Only a client that names a smaller kind gets it, unless it prefers the original's kind: clients that show only JPEG also send
 * `image/*` and `*\/*`. If nothing is acceptable, the client gets the original's kind all the same.
 */
export function chooseKind(accept: string | undefined, { kind, mayMove }: PictureForm): PictureKind {
  if (accept === undefined) return kind;
  const ranges = parseAccept(accept);
  let best = kind;
  let bestWeight = weightOf(ranges, mediaTypeOf(kind));
  let isBestNamed = smaller.includes(kind) && ranges.has(mediaTypeOf(kind));
  for (const each of smaller) {
    // An animated AVIF cannot be made.
    if (each === kind || (each === 'avif' && mayMove)) continue;
    const weight = ranges.get(mediaTypeOf(each)) ?? 0;
    if (weight === 0 || weight < bestWeight || (weight === bestWeight && isBestNamed)) continue;
    [best, bestWeight, isBestNamed] = [each, weight, true];
  }
  return best;
}

/** Weights by media range, in lower case. Parameters of a range are ignored: images have none. */
export function parseAccept(accept: string): ReadonlyMap<string, number> {
  const ranges = new Map<string, number>();
  for (const part of accept.slice(0, 1_024).split(',')) {
    const [type = '', ...parameters] = part.split(';').map((each) => each.trim().toLowerCase());
    const quality = parameters.find((each) => each.startsWith('q='));
    const weight = quality === undefined ? 1 : Number(quality.slice(2));
    // An invalid weight counts as 0.
    if (!ranges.has(type)) ranges.set(type, weight >= 0 && weight <= 1 ? weight : 0);
  }
  return ranges;
}

/** The weight of a type, by the most specific range that matches it. */
function weightOf(ranges: ReadonlyMap<string, number>, type: string): number {
  return ranges.get(type) ?? ranges.get('image/*') ?? ranges.get('*/*') ?? 0;
}
