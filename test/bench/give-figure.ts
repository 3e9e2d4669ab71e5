/** How a benchmark hands its figures to `npm run bench -- figures`, beside the tables that it prints. */
import { appendFileSync } from 'node:fs';

export interface Figure {
  /** Parts from the widest to the narrowest, such as `http.express-5.page`. */
  readonly id: string;
  /** As pages show it. */
  readonly value: string;
  readonly unit: string;
}

/**
 * Does nothing unless the environment variable `FIGURES` names a file: then it appends one line of JSON.
 * @param id - the parts of the id, spelled freely
 * @param digits - after the decimal point
 */
export function giveFigure(id: readonly string[], value: number, digits: number, unit: string): void {
  const file = process.env['FIGURES'];
  if (file === undefined || file === '') return;
  if (!Number.isFinite(value)) throw new Error(`${id.join('.')} is ${value}, not a figure`);
  const figure: Figure = { id: id.map(slugOf).join('.'), value: value.toFixed(digits), unit };
  appendFileSync(file, `${JSON.stringify(figure)}\n`);
}

function slugOf(part: string): string {
  return part
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}
