/** One replacement in a text. */

/** Replaces the characters from `start` up to `end` with `text`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The same edit, shifted by so many characters. */
export function moveEdit({ start, end, text }: Edit, by: number): Edit {
  return { start: start + by, end: end + by, text };
}
