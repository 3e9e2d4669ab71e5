/** Writes the table of named character references that the package carries in `src/html/reference-table.ts`. */
import { fileURLToPath } from 'node:url';
import { decodeHTML } from 'entities';
import references from '../vectors/references.json' with { type: 'json' };

export const tableFile: string = fileURLToPath(new URL('../../src/html/reference-table.ts', import.meta.url));

/**
 * The text of `src/html/reference-table.ts`. An entry is a text and its names: `27lbrack,lsqb`. Entries are sorted by code
 * point, of which each has the distance to the one before, if that is not 1. A second code point stands behind a `+`. A
 * name that may be written without `;` ends with `&`. In this way the table has 7 KB gzipped; the trie of
 * `entities` has 13 KB.
 */
export function writeReferenceTable(): string {
  const legacy = new Set(references.names.filter((name) => !name.endsWith(';')));
  const namesOf = new Map<string, string[]>();
  for (const name of references.names) {
    if (legacy.has(name)) continue;
    const text = decodeHTML(`&${name}`);
    const bare = name.slice(0, -1);
    namesOf.set(text, [...(namesOf.get(text) ?? []), legacy.has(bare) ? `${bare}&` : bare]);
  }
  let last = 0;
  const entries = [...namesOf]
    .map(([text, names]) => ({ names, codes: Array.from(text, (character) => character.codePointAt(0)!) }))
    .sort((a, b) => a.codes[0]! - b.codes[0]! || (a.codes[1] ?? 0) - (b.codes[1] ?? 0))
    .map(({ names, codes: [first, second] }) => {
      const step = first! - last;
      last = first!;
      return `${step === 1 ? '' : step}${second === undefined ? '' : `+${second}`}${names.join(',')}`;
    });
  return `/** Made by \`npm run generate -- references\`: do not edit it. */\nexport const referenceTable: string =\n  '${entries.join(' ')}';\n`;
}
