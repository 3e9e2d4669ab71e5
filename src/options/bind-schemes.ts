/** Binds the schemes to the times of a signer's tokens, and checks what no scheme can check alone. */
import type { BoundScheme, FetchedSecret, Times } from '../schemes/bound.ts';
import { type CloudflareInput, configureCloudflare } from '../schemes/cloudflare-images/configuration.ts';
import { CloudflareScheme } from '../schemes/cloudflare-images/scheme.ts';
import { DefinedScheme } from '../schemes/defined-scheme.ts';
import type { SchemeParts } from '../schemes/definition.ts';
import { invalidOption } from '../validation/message.ts';
import { type Report, tell } from './default-report.ts';

/** Cloudflare Images by the options of the factory itself, or the option `scheme`. */
export type SchemesInput =
  | { readonly cloudflare: CloudflareInput }
  | { readonly list: readonly SchemeParts[] };

/** What of a signer's options schemes have to fit. */
interface SignerTerms extends Times {
  /** Undefined if every viewer may see every image. */
  readonly authorize?: unknown;
}

/** @throws ImageSignerError INVALID_OPTION */
export function bindSchemes(
  input: SchemesInput,
  given: SignerTerms,
  report: Report | undefined,
): readonly BoundScheme[] {
  const schemes = bind(input, given);
  for (const { secret } of schemes) if (secret !== undefined) tellFailures(secret, report);
  return schemes;
}

function bind(input: SchemesInput, given: SignerTerms): readonly BoundScheme[] {
  if ('cloudflare' in input)
    return [new CloudflareScheme(configureCloudflare(input.cloudflare, given), given.stableFor)];
  return input.list.map((parts) => {
    checkAccess(parts, given.authorize !== undefined);
    const scheme = parts.traits.bind?.(given) ?? new DefinedScheme(parts, given);
    checkLife(scheme);
    return scheme;
  });
}

function tellFailures(secret: FetchedSecret, report: Report | undefined): void {
  secret.listen((error) => tell(report, { type: 'key-unavailable', error, hasKey: secret.endsAt > 0 }));
}

/** Anybody can write a URL into a comment: without a limit it would open any object of the store. */
function checkAccess({ definition, traits }: SchemeParts, isAuthorized: boolean): void {
  if (!traits.isLimited && !isAuthorized) {
    throw invalidOption(
      'authorize',
      `expected a function, or prefixes in ${definition.name}, got neither. Every URL in a page would be signed, and anybody can write one. \`prefixes\` limits them to folders, such as ['uploads/'], or for imgproxy ['https://photos.example/uploads/'].`,
    );
  }
  if (traits.opensMore !== undefined && isAuthorized)
    throw invalidOption(
      'authorize',
      `expected to be left out, since ${traits.opensMore}. Or make the scheme without \`policy\`.`,
    );
}

function checkLife({ name, longestLife, policies }: BoundScheme): void {
  const policy = policies.find(({ ttl, step }) => ttl + step > longestLife);
  if (policy === undefined) return;
  throw invalidOption(
    'ttl',
    `expected at most ${longestLife} seconds together with stableFor, which is all that ${name} allows, got ${policy.ttl} and ${policy.step}. Make the ttl shorter; stableFor is a quarter of it unless it is set.`,
  );
}
