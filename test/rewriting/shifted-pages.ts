/** Pages of ISO-2022-JP, in which the bytes of a visitor's text spell markup: written as bytes, a character each. */

/** What follows is two bytes a character, and what follows the other one ASCII again. */
export const shiftIn = '\x1b$B';
export const shiftOut = '\x1b(B';

/** A visitor's text: characters whose bytes are these, which are filled up to pairs. None of them needs an escape. */
export function shifted(bytes: string): string {
  return shiftIn + bytes + '!'.repeat(bytes.length % 2) + shiftOut;
}
