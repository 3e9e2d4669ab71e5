/** The option `prefix` of Fastify's guard. */
import { plainPath } from '../validation/base.ts';
import { parseObject, withoutKey } from './parse-object.ts';

const prefix = /* @__PURE__ */ plainPath(
  "Such as '/images'; leave it out to guard every route of the scope.",
);

/**
 * @returns without a slash at its end; undefined for every route of the scope
 * @throws ImageSignerError INVALID_OPTION
 */
export function parsePrefix(options: { readonly prefix?: unknown }): string | undefined {
  const { prefix: given } = options;
  if (given === undefined || given === '') return undefined;
  return (
    withoutKey(options, () => parseObject('imageGuard', { prefix }, { prefix: given })).prefix || undefined
  );
}
