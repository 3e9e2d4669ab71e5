/** `--always-public`: a policy that a list of names, as `--variants` gives one, cannot hold. */

/**
 * @param variants - the option as it is without the flag: a list, a map, or what the signer will refuse
 * @returns a map with these variants always public; what is neither a list nor a map stays as it is
 */
export function withAlwaysPublic(variants: unknown, names: readonly string[]): unknown {
  const policies = entriesOf(variants);
  if (policies === undefined) return variants;
  for (const name of names) policies.set(name, { ...Object(policies.get(name)), alwaysPublic: true });
  return Object.fromEntries(policies);
}

function entriesOf(variants: unknown): Map<string, unknown> | undefined {
  if (variants === undefined || variants === '') return new Map();
  if (Array.isArray(variants))
    return variants.every((name) => typeof name === 'string')
      ? new Map(variants.map((name: string) => [name, {}]))
      : undefined;
  return typeof variants === 'object' && variants !== null ? new Map(Object.entries(variants)) : undefined;
}
