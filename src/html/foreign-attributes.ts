/** The few attributes on which it hangs what is foreign content, and what is not. */
import { unescapeReferences } from './attribute-text.ts';
import { type Attribute, findAttribute } from './attributes.ts';
import type { ForeignAttributes } from './foreign-content.ts';

const none: ForeignAttributes = { hasFontAttribute: false, hasHtmlEncoding: false };

/** @param read - reads the tag's attributes, which most tags do not need */
export function foreignAttributes(
  bytes: Buffer,
  name: string,
  read: () => readonly Attribute[],
): ForeignAttributes {
  if (name !== 'font' && name !== 'annotation-xml') return none;
  const has = (attribute: string): boolean => findAttribute(bytes, read(), attribute) !== undefined;
  const encoding = name === 'annotation-xml' ? findAttribute(bytes, read(), 'encoding') : undefined;
  const encodingText = encoding === undefined ? '' : readValue(bytes, encoding).toLowerCase();
  return {
    hasFontAttribute: name === 'font' && (has('color') || has('face') || has('size')),
    hasHtmlEncoding: encodingText === 'text/html' || encodingText === 'application/xhtml+xml',
  };
}

function readValue(bytes: Buffer, { valueStart, valueEnd, quote }: Attribute): string {
  return unescapeReferences(bytes.toString('latin1', valueStart, valueEnd), valueStart, 'attribute', quote)
    .text;
}
