/** What shows of a refusal that the delivery has drawn, in a window of the size of its place. */
import type { Page } from 'playwright-core';

export interface DrawnPlace {
  /** The classes of the lines. */
  readonly shown: readonly string[];
  /** Of letters, in pixels. */
  readonly sizes: readonly number[];
  /** Whether the sign and all lines are. */
  readonly isInside: boolean;
  /** Width and height, in pixels. */
  readonly place: readonly number[];
}

const measure = `(() => {
  const main = document.querySelector('main');
  const place = main.getBoundingClientRect();
  const shown = [...main.querySelectorAll('p')].filter((line) => getComputedStyle(line).display !== 'none');
  const parts = [main.querySelector('.sign'), ...shown].map((part) => part.getBoundingClientRect());
  return {
    shown: shown.map((line) => line.className),
    sizes: shown.map((line) => Number.parseFloat(getComputedStyle(line).fontSize)),
    isInside: parts.every(({ left, top, right, bottom }) =>
      left >= place.left && top >= place.top && right <= place.right + 1 && bottom <= place.bottom + 1),
    place: [place.width, place.height],
  };
})()`;

/** @param page - whose document is the drawing */
export function measureDrawing(page: Page): Promise<DrawnPlace> {
  return page.evaluate(measure);
}
