/**
 * Texts of any characters, with halves of surrogate pairs, as `fc.string({ unit: 'binary' })` has them. That makes a table
 * of all characters before its first text, which takes more than a second in each process.
 */
import fc from 'fast-check';

const character = fc.nat({ max: 0x10ffff }).map((code) => String.fromCodePoint(code));

/** @param constraints - how many characters there are */
export function anyText(constraints: fc.ArrayConstraints = {}): fc.Arbitrary<string> {
  return fc.array(character, constraints).map((characters) => characters.join(''));
}
