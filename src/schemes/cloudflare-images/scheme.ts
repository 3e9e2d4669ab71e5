/**
 * Cloudflare Images as a scheme: it resolves a URL to an image that may be signed, or to the reason why not. The only place
 * that checks the allowlists.
 */
import { maxUrlLength } from '../../limits.ts';
import type { ExpiryPolicy } from '../../signing/expiry.ts';
import { isTokenParameter, mayHaveParameter } from '../../url/token-parameters.ts';
import type { BoundScheme, FetchedSecret, ResolveFailure } from '../bound.ts';
import type { CloudflareConfiguration } from './configuration.ts';
import {
  accountHashOf,
  type DeliveryBase,
  type DeliveryMatch,
  isSpelledAsSigned,
  matchDelivery,
} from './delivery-url.ts';
import { CloudflareImage } from './image.ts';
import { withoutToken } from './token.ts';

export class CloudflareScheme implements BoundScheme {
  readonly name = 'cloudflare-images';
  readonly longestLife: number = Infinity;
  readonly fixedLife = undefined;
  readonly canVerify = true;
  readonly maxSignatures = undefined;
  readonly canGuard = true;
  readonly secret: FetchedSecret | undefined;
  readonly configuration: CloudflareConfiguration;
  readonly policies: readonly ExpiryPolicy[];
  /** The bases without their hosts: the server decides which hosts it answers for. */
  readonly #basesByPath: readonly DeliveryBase[];
  readonly #stableFor: number | undefined;

  /** @param stableFor - in seconds, as given */
  constructor(configuration: CloudflareConfiguration, stableFor: number | undefined) {
    this.configuration = configuration;
    this.secret = configuration.keys.fetched;
    this.#stableFor = stableFor;
    this.policies = [...configuration.variants.values()].filter(({ alwaysPublic }) => !alwaysPublic);
    const byPath = new Map(
      configuration.bases.map((base) => [
        `${base.path} ${base.accountHash ?? ''}`,
        { ...base, authority: undefined },
      ]),
    );
    this.#basesByPath = [...byPath.values()];
  }

  get bases(): readonly DeliveryBase[] {
    return this.configuration.bases;
  }

  get secretSource(): unknown {
    return this.configuration.keyFunction ?? this.secret;
  }

  get secretEndsAt(): number {
    return this.secret === undefined ? Infinity : this.secret.endsAt;
  }

  get generation(): number {
    return this.secret === undefined ? 0 : this.secret.generation;
  }

  get servingBase(): DeliveryBase {
    return this.configuration.servingBase;
  }

  get fingerprint(): string {
    const { keys, variants, accounts, bases, servingBase } = this.configuration;
    return JSON.stringify([
      keys.fetched === undefined ? keys.shortMac('key') : null,
      [...variants.values()],
      accounts === undefined ? null : [...accounts],
      [servingBase, ...bases],
      this.#stableFor ?? null,
    ]);
  }

  shortMac(text: string): string {
    return this.configuration.keys.shortMac(text);
  }

  resolve(text: string): CloudflareImage | ResolveFailure | undefined {
    if (text.length > maxUrlLength) return undefined;
    const match = matchDelivery(text, this.configuration.bases);
    return match === undefined ? undefined : this.#check(match);
  }

  resolveSigned(text: string): CloudflareImage | ResolveFailure | undefined {
    return this.#resolveSigned(text, this.configuration.bases);
  }

  /** Without their hosts several bases may match one target. */
  resolveTarget(target: string): readonly (CloudflareImage | ResolveFailure)[] {
    return this.#basesByPath.flatMap((base) => this.#resolveSigned(target, [base]) ?? []);
  }

  isTokenParameter(name: string): boolean {
    return isTokenParameter(name);
  }

  mayCarryToken(text: string): boolean {
    return mayHaveParameter(text, isTokenParameter);
  }

  unsign(text: string): string | undefined {
    if (text.length > maxUrlLength) return undefined;
    const match = matchDelivery(text, this.configuration.bases);
    return typeof match === 'object' ? withoutToken(text, match.reference) : undefined;
  }

  #resolveSigned(text: string, bases: readonly DeliveryBase[]): CloudflareImage | ResolveFailure | undefined {
    const match = text.length > maxUrlLength ? undefined : matchDelivery(text, bases);
    if (match === undefined) return undefined;
    if (match === 'not-canonical' || !isSpelledAsSigned(match)) return 'not-a-delivery-url';
    return this.#check(match);
  }

  #check(match: DeliveryMatch | 'not-canonical'): CloudflareImage | ResolveFailure {
    if (match === 'not-canonical') return 'not-a-delivery-url';
    const { accounts, variants } = this.configuration;
    if (accounts?.has(accountHashOf(match)) === false) return 'account-not-allowed';
    const variant = variants.get(match.variant);
    return variant === undefined ? 'variant-not-allowed' : new CloudflareImage(match, variant, this);
  }
}
