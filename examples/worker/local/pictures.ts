/** Two clients and their pictures: six of the gallery's, drawn into a folder as a delivery keeps them. */
import type { Drawing } from '../../gallery/pictures/catalogue.ts';
import { drawings } from '../../gallery/pictures/catalogue.ts';
import { drawPictures } from '../../gallery/pictures/draw.ts';

export const clients = ['ada', 'ben'] as const;
export type Client = (typeof clients)[number];

export const pictures: Readonly<Record<Client, readonly Drawing[]>> = {
  ada: drawings.slice(0, 3),
  ben: drawings.slice(3, 6),
};

/**
 * As `<id>/<variant>.webp`, a few seconds for the six.
 * @param folder - is there already
 * @param signal - ends it between two pictures
 */
export function drawProofs(folder: string, signal: AbortSignal): Promise<void> {
  return drawPictures(folder, Object.values(pictures).flat(), signal);
}
