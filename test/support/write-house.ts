/** `npm run docs:house`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { contributing, withHouse } from './house.ts';

writeFileSync(contributing, withHouse(readFileSync(contributing, 'utf8')));
