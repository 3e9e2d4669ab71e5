/** The option `attributes`: names of the site's own, and what each holds. */
import * as v from 'valibot';
import { type ExtraTargets, targetOf } from '../rewriting/targets.ts';
import { describe, expected, isNameLike, type Likeness } from './message.ts';
import { isRecord, type Schema } from './values.ts';

const none: ExtraTargets = new Map();

const isAttributeLike: Likeness = (text) => isNameLike(text) || /^data-[a-z-]{1,40}$/i.test(text);

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
      targets.set(name.toLowerCase(), kind as 'url'); // one of the three, as has been checked
    }
    return targets;
  }),
);

function faultOf(name: string, kind: unknown, before: ExtraTargets): string | undefined {
  const key = name.toLowerCase();
  if (kind !== 'url' && kind !== 'srcset' && kind !== 'css') {
    return `expected 'url', 'srcset' or 'css' for ${describe(name, isAttributeLike)}, got ${describe(kind, isNameLike)}. It says what the attribute holds.`;
  }
  if (!/^[^\s"'<>/=]+$/.test(name)) {
    return `expected the name of an attribute, got ${describe(name, isAttributeLike)}. A name holds no white space, quote, /, = or angle bracket.`;
  }
  if (key === 'value')
    return `expected no form values, got ${describe(name, isAttributeLike)}. A signed URL in a form would be saved back.`;
  if (before.has(key))
    return `expected each attribute once, got ${describe(name, isAttributeLike)} again. Names compare without case.`;
  const own = key.startsWith('data-') ? undefined : targetOf(key, none);
  if (own === undefined) return undefined;
  return `expected attributes of the site's own, got ${describe(name, isAttributeLike)}. That one is read by itself, as ${own}: take it out.`;
}
