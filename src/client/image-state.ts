/** What a page knows of an image. */

/** Shown or on its way, and so left alone; not asked for yet; failed. */
export type ImageState = 0 | typeof waiting | typeof broken;
export const waiting = 1;
export const broken = 2;

/**
 * @param hasFailed - whether an `error` event has said so, for elements that do not keep it
 * @param left - for how many seconds the token is still valid; negative after its end
 */
export function stateOf(element: Element, url: string, hasFailed: boolean, left: number): ImageState {
  const image = (
    element.localName === 'source' ? element.closest('picture')?.querySelector('img') : element
  ) as HTMLImageElement | null;
  if (image?.localName === 'img') {
    if (image.complete) return image.naturalWidth ? 0 : broken;
    return image.loading === 'lazy' ? waiting : 0;
  }
  if (hasFailed) return broken;
  const fetched = performance
    .getEntries()
    .filter(({ name }) => name.endsWith(url))
    .pop();
  if (!fetched) return waiting;
  return performance.now() - fetched.startTime + left * 1000 > 0 ? 0 : broken;
}
