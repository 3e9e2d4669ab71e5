/** `npm run build:references`. */
import { writeFileSync } from 'node:fs';
import { tableFile, writeReferenceTable } from './reference-table.ts';

writeFileSync(tableFile, writeReferenceTable());
