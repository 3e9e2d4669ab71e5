/** Random texts of the characters that URLs have. */
import { pick } from './random.ts';

type Random = () => number;

export function randomText(random: Random, alphabet: string, most: number): string {
  const characters = [...alphabet];
  return Array.from({ length: 1 + Math.floor(random() * most) }, () => pick(random, characters)).join('');
}

export const everything = `abcXYZ019-_.~ éß☃😀"<>!$&'()*+,;=:@|{}\`[]`;
