/** The head of one part of a multipart body (RFC 2046, 5.1): what its fields say about the content. */
import type { Span } from '../text/edit.ts';

export interface PartHead {
  readonly type: string;
  /** `Content-Length`, and where its digits are in the head; undefined if there is none. */
  readonly length: { readonly bytes: number; readonly digits: Span } | undefined;
}

/** Fields that no longer hold once the content has changed, or by which it is not plain JSON. */
const isBound =
  /^(?:content-encoding|content-md5|content-digest|repr-digest|digest|signature|signature-input):/i;
const isEncoded = /^content-transfer-encoding:(?![\t ]*(?:7bit|8bit|binary)[\t ]*$)/i;

/**
 * @param head - the fields, each behind a line break, in one character per byte
 * @returns undefined if the content has to stay as it is
 */
export function parsePartHead(head: string): PartHead | undefined {
  const fields = head
    .replaceAll(/\r\n(?=[\t ])/g, '') // a field may go on in the next line
    .split('\r\n')
    .slice(1);
  if (fields.some((field) => isBound.test(field) || isEncoded.test(field))) return undefined;
  const [type, ...otherTypes] = fields.filter((field) => /^content-type:/i.test(field));
  const lengths = fields.filter((field) => /^content-length:/i.test(field));
  if (type === undefined || otherTypes.length > 0 || lengths.length > 1) return undefined;
  const length = lengths.length === 0 ? undefined : findLength(head);
  if (lengths.length > 0 && length === undefined) return undefined;
  return { type: type.slice('content-type:'.length), length };
}

function findLength(head: string): PartHead['length'] {
  const found = /\r\ncontent-length:[\t ]*(\d{1,9})[\t ]*(?:\r\n(?![\t ])|$)/i.exec(head);
  if (found === null) return undefined;
  const digits = found[1]!;
  const start = head.indexOf(digits, found.index + '\r\ncontent-length:'.length);
  return { bytes: Number(digits), digits: { start, end: start + digits.length } };
}
