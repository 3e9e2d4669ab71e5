/** axe-core, to run in a page: tests of the site and of the gallery look for mistakes that keep people from using it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

export const axe: string = readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
);
