/** What the value of a `data-*` attribute holds, which may also be a person's text. */
import { isOneUrlInBytes } from '../values/one-url.ts';
import { countDescribed, findSrcsetUrls } from '../values/srcset.ts';
import { tellSpaceInPath, trimmedSpan, type UrlMapping } from './edit-url.ts';
import { type DataKind, kindOfData, type TargetKind } from './targets.ts';

/**
 * @param value - without its character references
 * @returns undefined for a text
 */
export function targetOfData(kind: DataKind, value: string, mapping: UrlMapping): TargetKind | undefined {
  if (kind === 'data-srcset')
    return countDescribed(value, findSrcsetUrls(value)) === undefined ? undefined : 'srcset';
  const target = kindOfData(value);
  if (target !== 'url') return target;
  const { start, end } = trimmedSpan(value);
  const own = value.slice(start, end);
  if (isOneUrlInBytes(own)) return 'url';
  tellSpaceInPath(own, mapping);
  return undefined;
}
