/** Two clients and their pictures: the gallery's drawings, as SVG, with a stand-in for whoever may not see them. */
import { type Drawing, drawings } from '../../gallery/pictures/catalogue.ts';
import { createRandom } from '../../gallery/pictures/random.ts';
import { height, width } from '../../gallery/pictures/svg.ts';

export const clients = ['ada', 'ben'] as const;
export type Client = (typeof clients)[number];

export const pictures: Readonly<Record<Client, readonly Drawing[]>> = {
  ada: drawings.slice(0, 3),
  ben: drawings.slice(3, 6),
};

const drawn = new Map(Object.values(pictures).flatMap((list) => list.map((each) => [each.id, each])));

/** @returns an SVG; undefined for a picture that is not there */
export function drawPicture(id: string, variant: string): string | undefined {
  const drawing = drawn.get(id);
  if (drawing === undefined) return undefined;
  // Its main colour alone, not the drawing under a blur: that would still stand in the file.
  const inside =
    variant === 'preview'
      ? `<rect width="${width}" height="${height}" fill="${drawing.tone}"/>`
      : drawing.scene(createRandom(drawing.seed));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}">${inside}</svg>`;
}
