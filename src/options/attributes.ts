/** The option `attributes`: names of the site's own, and what each holds. */
import * as v from 'valibot';
import { type ExtraTargets, targetOf } from '../rewriting/targets.ts';
import { asName, describe, expected } from './message.ts';
import { isRecord, type Schema } from './values.ts';

const none: ExtraTargets = new Map();

export const attributes: Schema<ExtraTargets> = v.pipe(
  v.custom<object>(
    isRecord,
    expected("a map of names to 'url', 'srcset' or 'css'", "Such as { 'data-hero': 'url' }."),
  ),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const targets = new Map<string, 'url' | 'srcset' | 'css'>();
    for (const [name, kind] of Object.entries(dataset.value)) {
      const message = faultOf(name, kind, targets);
      if (message !== undefined) {
        addIssue({ message });
        return NEVER;
      }
      targets.set(asInPage(name), kind as 'url'); // one of the three, as has been checked
    }
    return targets;
  }),
);

function faultOf(name: string, kind: unknown, before: ExtraTargets): string | undefined {
  const key = asInPage(name);
  if (kind !== 'url' && kind !== 'srcset' && kind !== 'css') {
    return `expected 'url', 'srcset' or 'css' for ${describe(name, asName)}, got ${describe(kind, asName)}. It says what the attribute holds.`;
  }
  if (!/^[^\s"'<>/=]+$/.test(name)) {
    return `expected the name of an attribute, got ${describe(name, asName)}. A name holds no white space, quote, /, = or angle bracket.`;
  }
  if (key === 'value')
    return `expected no form values, got ${describe(name, asName)}. A signed URL in a form would be saved back.`;
  if (before.has(key))
    return `expected each attribute once, got ${describe(name, asName)} again. Names compare without case.`;
  const own = key.startsWith('data-') ? undefined : targetOf(key, none);
  if (own === undefined) return undefined;
  return `expected attributes of the site's own, got ${describe(name, asName)}. That one is read by itself, as ${own}: take it out.`;
}

/** As pages are read: a character per byte of UTF-8, A to Z in lower case. HTML folds no other letter. */
function asInPage(name: string): string {
  const bytes = Buffer.from(name, 'utf8').toString('latin1');
  return bytes.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
