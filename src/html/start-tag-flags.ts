/** Reads the attributes of a start tag that decide whether foreign content begins or ends (WHATWG HTML, 13.2.6.5). */
import { type Attribute, findAttribute } from './attribute-reader.ts';
import { unescapeReferences } from './character-references.ts';
import type { StartTagFlags } from './foreign-content.ts';

const none: StartTagFlags = { hasFontAttribute: false, isHtmlIntegrationPoint: false };

/** @param read - reads the tag's attributes; it is called only for the two elements that need them */
export function readStartTagFlags(
  bytes: Buffer,
  name: string,
  read: () => readonly Attribute[],
): StartTagFlags {
  if (name !== 'font' && name !== 'annotation-xml') return none;
  const has = (attribute: string): boolean => findAttribute(bytes, read(), attribute) !== undefined;
  const encoding = name === 'annotation-xml' ? findAttribute(bytes, read(), 'encoding') : undefined;
  const encodingText = encoding === undefined ? '' : readValue(bytes, encoding).toLowerCase();
  return {
    hasFontAttribute: name === 'font' && (has('color') || has('face') || has('size')),
    isHtmlIntegrationPoint: encodingText === 'text/html' || encodingText === 'application/xhtml+xml',
  };
}

function readValue(bytes: Buffer, { valueStart, valueEnd, quote }: Attribute): string {
  return unescapeReferences(bytes.toString('latin1', valueStart, valueEnd), valueStart, 'attribute', quote)
    .text;
}
