/** Values that every page shows: the viewer, the time, and the page to return to after a switch. */
import type { RequestHandler } from 'express';
import type { GalleryParts } from '../parts.ts';

export function pageFacts({ clock, folder }: Pick<GalleryParts, 'clock' | 'folder'>): RequestHandler {
  return (req, res, next) => {
    Object.assign(res.locals, {
      viewer: req.viewer,
      here: req.originalUrl,
      offset: clock.offset(),
      ahead: inWords(clock.offset()),
      isOwnDelivery: folder !== undefined, // nobody can move Cloudflare's clock
    });
    next();
  };
}

/** `1 day, 2 hours`: the two largest units are enough. */
export function inWords(seconds: number): string {
  const units = [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
    ['second', 1],
  ] as const;
  let rest = seconds;
  const words: string[] = [];
  for (const [name, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) words.push(`${count} ${name}${count === 1 ? '' : 's'}`);
  }
  return words.slice(0, 2).join(', ');
}
