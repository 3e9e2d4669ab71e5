/** The source of axe-core, which the tests of the site and the gallery run in a page to find accessibility mistakes. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

export const axe: string = readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
);
