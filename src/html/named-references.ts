/** The named character references (WHATWG HTML, 13.5), as maps. */
import { isAlpha } from '../text/ascii.ts';
import { referenceTable } from './reference-table.ts';

export interface NamedReferences {
  /** What each stands for, by its name without `;`. */
  readonly texts: ReadonlyMap<string, string>;
  /** The names that may be written without `;`. */
  readonly legacy: ReadonlySet<string>;
}

/** `CounterClockwiseContourIntegral` */
export const longestName = 31;
/** Of those that may be written without `;`: `frac14`, for example. */
export const longestLegacyName = 6;

let references: NamedReferences | undefined;

/** They are made at the first call, which takes 2 to 4 ms. */
export function namedReferences(): NamedReferences {
  references ??= read();
  return references;
}

/** Reads what `test/support/reference-table.ts` writes, and describes. */
function read(): NamedReferences {
  const texts = new Map<string, string>();
  const legacy = new Set<string>();
  let code = 0;
  for (const entry of referenceTable.split(' ')) {
    let namesAt = 0;
    while (!isAlpha(entry.charCodeAt(namesAt))) namesAt++;
    const [step, second] = entry.slice(0, namesAt).split('+');
    code += step === '' ? 1 : Number(step);
    const text =
      String.fromCodePoint(code) + (second === undefined ? '' : String.fromCodePoint(Number(second)));
    for (const each of entry.slice(namesAt).split(',')) {
      const isLegacy = each.endsWith('&');
      const name = isLegacy ? each.slice(0, -1) : each;
      texts.set(name, text);
      if (isLegacy) legacy.add(name);
    }
  }
  return { texts, legacy };
}
