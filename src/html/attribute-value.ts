/** The value of an attribute without its character references. */
import type { UnescapedValue } from '../text/unescaped-value.ts';
import type { Attribute } from './attribute-reader.ts';
import { unescapeReferences } from './character-references.ts';

export function unescapeValue(bytes: Buffer, { valueStart, valueEnd, quote }: Attribute): UnescapedValue {
  return unescapeReferences(bytes.toString('latin1', valueStart, valueEnd), valueStart, 'attribute', quote);
}
