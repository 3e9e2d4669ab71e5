/** What a page knows of an image. */

/** Shown or on its way, and so left alone; not asked for yet; failed. */
export type ImageState = 0 | typeof waiting | typeof broken;
export const waiting = 1;
export const broken = 2;

/**
 * @param name - of the attribute that has the URL
 * @param hasFailed - whether an `error` event has said so, for elements that do not keep it
 * @param left - for how many seconds the token is still valid; negative after its end
 */
export function stateOf(
  element: Element,
  name: string,
  url: string,
  hasFailed: boolean,
  left: number,
): ImageState {
  const { localName } = element;
  // Nothing is fetched for them.
  if (localName === 'a' || name.startsWith('data-')) return waiting;
  const image = localName === 'source' ? element.closest('picture')?.querySelector('img') : element;
  if (image instanceof HTMLImageElement) {
    if (image.complete) return image.naturalWidth ? 0 : broken;
    return image.loading === 'lazy' ? waiting : 0;
  }
  if (hasFailed) return broken;
  // An anchor resolves any text; `new URL` would throw for what a stranger has typed.
  const anchor = document.createElement('a');
  anchor.href = url;
  const fetched = performance.getEntriesByName(anchor.href).pop();
  if (!fetched) return waiting;
  return performance.now() - fetched.startTime + left * 1000 > 0 ? 0 : broken;
}
