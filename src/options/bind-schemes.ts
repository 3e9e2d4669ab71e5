/** Binds the schemes to the times of a signer's tokens, and checks what no scheme can check alone. */
import { BoundScheme } from '../schemes/bound.ts';
import type { Definition, FetchedSecret } from '../schemes/definition.ts';
import { checkFrom } from '../schemes/from.ts';
import type { Times } from '../schemes/resolved-image.ts';
import { invalidOption } from '../validation/message.ts';
import { type Report, reportEvent } from './default-report.ts';

/** What of a signer's options schemes have to fit. */
interface SignerTerms extends Times {
  /** Undefined if every viewer may see every image. */
  readonly authorize?: unknown;
}

/** @throws ImageSignerError INVALID_OPTION */
export function bindSchemes(
  definitions: readonly Definition[],
  given: SignerTerms,
  report: Report | undefined,
): readonly BoundScheme[] {
  checkFrom(definitions);
  const schemes = definitions.map((definition) => {
    checkAccess(definition, given.authorize !== undefined);
    const scheme = new BoundScheme(definition, given);
    checkLife(scheme);
    return scheme;
  });
  for (const { secret } of schemes) if (secret !== undefined) tellFailures(secret, report);
  return schemes;
}

function tellFailures(secret: FetchedSecret, report: Report | undefined): void {
  secret.listen((error) =>
    reportEvent(report, { type: 'key-unavailable', error, hasKey: secret.endsAt > 0 }),
  );
}

/** Anybody can write a URL into a comment: without a limit it would open any object of the store. */
function checkAccess({ name, isLimited, opensMore }: Definition, isAuthorized: boolean): void {
  if (!isLimited && !isAuthorized) {
    throw invalidOption(
      'authorize',
      `expected a function, or prefixes in ${name}, got neither. Every URL in a page would be signed, and anybody can write one. \`prefixes\` limits them to folders, such as ['uploads/'], or for imgproxy ['https://photos.example/uploads/'].`,
    );
  }
  if (opensMore !== undefined && isAuthorized)
    throw invalidOption(
      'authorize',
      `expected to be left out, since ${opensMore}. Or make the scheme without \`policy\`.`,
    );
}

function checkLife({ name, longestLife, lifetimes }: BoundScheme): void {
  const lifetime = lifetimes.find(({ ttl, step }) => ttl + step > longestLife);
  if (lifetime === undefined) return;
  throw invalidOption(
    'ttl',
    `expected at most ${longestLife} seconds together with stableFor, which is all that ${name} allows, got ${lifetime.ttl} and ${lifetime.step}. Make the ttl shorter; stableFor is a quarter of it unless it is set.`,
  );
}
