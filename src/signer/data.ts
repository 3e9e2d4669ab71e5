/** `signData` and `unsignData`: for data outside of response bodies, such as a loader's result or database rows. */
import { parseExtraTargets } from '../options/extra-targets.ts';
import { mapStrings } from '../rewriting/data.ts';
import { type ExtraTargets, noExtraTargets } from '../rewriting/options.ts';
import { describe } from '../validation/message.ts';
import { signValues } from './bodies.ts';
import type { ResponseInProgress, SigningCore } from './core.ts';
import { type Caller, readDataOptions } from './sign-options.ts';

/**
 * @param begin - gives the response that the data belongs to
 * @param targets - of that response; the option `fields` replaces theirs
 * @returns the data itself, or a copy in which URLs are signed
 * @throws ImageSignerError INVALID_OPTION, KEY_UNAVAILABLE; TypeError for a promise; as `mapStrings`
 */
export function signData<Data>(
  data: Data,
  options: unknown,
  caller: Caller,
  begin: (request: unknown) => ResponseInProgress,
  targets: ExtraTargets = noExtraTargets,
): Data {
  const { fields, request, ...terms } = readDataOptions(options === undefined ? {} : options, caller);
  const own = fields === undefined ? targets : { ...targets, fields: parseExtraTargets({ fields }).fields };
  const response = begin(request);
  const signer = response.signer.forData(terms);
  const map = (roots: readonly object[]): object[] => signValues(roots, { ...response, signer }, own);
  try {
    return mapData(data, 'signData', map);
  } finally {
    if (signer !== response.signer) response.signer.inherit(signer);
  }
}

/** The data without the tokens of delivery URLs. Copies and throws as `mapStrings`. */
export function unsignData<Data>(data: Data, core: SigningCore): Data {
  return mapData(data, 'unsignData', (roots) =>
    mapStrings(roots, (text) => {
      const plain = core.unsignText(text);
      return plain === text ? undefined : plain;
    }),
  );
}

/** Reads any value as an item of a list: it may be a string itself. */
function mapData<Data>(data: Data, call: string, map: (roots: readonly object[]) => object[]): Data {
  if (data instanceof Promise)
    throw new TypeError(`${call} expected data, got ${describe(data)}. Await it first.`);
  const [list] = map([[data]]) as [[Data]];
  return list[0];
}
