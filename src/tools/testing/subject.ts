/** A scheme under test, called as the signer calls it. It holds every single call to what a scheme may return. */
import type { Definition, MatchedImage, SignTerms, TokenVerification } from '../../schemes/definition.ts';
import type { UrlPlace, WrittenUrl } from '../../schemes/written-url.ts';
import { type Base, findBase } from '../../url/base.ts';

/** What the rest of the package relies on. The message of an error names it. */
export type Law =
  | 'match'
  | 'synchronous'
  | 'never throws'
  | 'deterministic'
  | 'expires'
  | 'output'
  | 'strip'
  | 'idempotent'
  | 'binds the path'
  | 'one spelling'
  | 'verify'
  | 'one reading'
  | 'signature length'
  | 'ordinary names'
  | 'secrets'
  | 'linear time'
  | 'oracle';

export interface Found {
  readonly base: Base;
  readonly place: UrlPlace;
  readonly image: MatchedImage;
}

export interface SubjectOptions {
  /** Left out of the message of every error. */
  readonly secrets?: readonly string[] | undefined;
  readonly seed?: number | undefined;
}

const maxShownLength = 400;
const rulesPage =
  'https://github.com/image-signer/image-signer/blob/main/docs/own-scheme.md#what-each-rule-is-for';

export class Subject {
  readonly definition: Definition;
  readonly seed: number;
  readonly secrets: readonly string[];
  readonly hasVerify: boolean;
  readonly #bases: readonly Base[];

  constructor(definition: Definition, { secrets = [], seed = 1 }: SubjectOptions) {
    this.definition = definition;
    this.seed = seed;
    this.secrets = secrets;
    this.hasVerify = definition.verify !== undefined;
    this.#bases = [...definition.bases].sort((a, b) => b.path.length - a.path.length);
  }

  /**
   * @param mustSpell - `respell` has to spell the URL
   * @returns undefined for a URL that the signer leaves alone: one under no base never gets to `match`
   */
  find(url: string, mustSpell = false): Found | undefined {
    const read = this.#read(url);
    if (read === undefined) return undefined;
    const { place } = read;
    const image: unknown = this.#call('match', url, () => this.definition.match(read.url, place));
    const { variants } = this.definition;
    if (mustSpell && image === 'scheme-failed')
      this.fail('match', 'respell encodes each segment anew, and throws for none', url, image);
    // A refusal of a scheme with variants, and of `respell`, is a text.
    const isRefusal = typeof image === 'string' && (variants !== undefined || image === 'scheme-failed');
    if (image === undefined || isRefusal) return undefined;
    if (typeof image !== 'object' || image === null || typeof Reflect.get(image, 'id') !== 'string')
      this.fail('match', 'match returns an object whose id is a text, or undefined', url, image);
    const { variant } = image as { readonly variant?: string };
    if (variants?.rules.get(variant!)?.alwaysPublic === true) return undefined; // it is never signed
    return { base: place.base, place, image: image as MatchedImage };
  }

  /** The URL as `match` gets it, which spells it as it is only for a scheme with a reading of its own. */
  #read(url: string): Pick<WrittenUrl, 'url' | 'place'> | undefined {
    if (this.definition.read !== undefined) {
      const written = this.definition.read(url, this.#bases);
      return typeof written === 'object' ? written : undefined;
    }
    const under = findBase(url, this.#bases);
    if (under === undefined) return undefined;
    const { base, reference } = under;
    return { url, place: { base, path: reference.path + base.path.length, query: reference.query } };
  }

  strip(url: string): string {
    return this.#text('strip', url, () => this.definition.strip(url));
  }

  sign(url: string, terms: SignTerms): string {
    return this.#text('sign', url, () => this.definition.sign(url, terms));
  }

  /** What a URL gets that may carry a token already. */
  signAnew(url: string, terms: SignTerms): string {
    return this.sign(this.strip(url), terms);
  }

  verify(url: string, now: number): TokenVerification {
    const result: unknown = this.#call('verify', url, () => this.definition.verify?.(url, now));
    if (!isVerification(result))
      this.fail('verify', 'verify returns { ok: true, expiresAt } or { ok: false, reason }', url, result);
    return result;
  }

  /** @throws Error always */
  fail(law: Law, rule: string, url: string, came?: unknown): never {
    const lines = [
      `The scheme '${this.definition.name}' breaks the rule "${law}", which is: ${rule}.`,
      `  URL:  ${show(url)}`,
      ...(came === undefined ? [] : [`  came: ${show(came)}`]),
      `  why:  ${rulesPage}`,
      `  (checkScheme, seed ${this.seed})`,
    ];
    // A secret that a scheme shows must not get into the log of a test run as well.
    throw new Error(this.secrets.reduce((text, secret) => text.replaceAll(secret, '…'), lines.join('\n')));
  }

  #text(name: 'strip' | 'sign', url: string, call: () => unknown): string {
    const result = this.#call(name, url, call);
    if (typeof result !== 'string') this.fail('output', `${name} returns a text`, url, result);
    return result;
  }

  #call(name: string, url: string, call: () => unknown): unknown {
    let result: unknown;
    try {
      result = call();
    } catch (error) {
      this.fail('never throws', `${name} throws for no URL`, url, error);
    }
    if (typeof result === 'object' && result !== null && 'then' in result)
      this.fail('synchronous', `${name} returns no promise`, url, 'a promise');
    return result;
  }
}

const failures = ['missing-signature', 'malformed-signature', 'bad-signature', 'expired'];

function isVerification(value: unknown): value is TokenVerification {
  if (typeof value !== 'object' || value === null) return false;
  const { ok, expiresAt, reason } = value as Record<string, unknown>;
  return ok === true ? Number.isInteger(expiresAt) : ok === false && failures.includes(reason as string);
}

function show(value: unknown): string {
  const text = typeof value === 'string' ? value : value instanceof Error ? String(value) : toJson(value);
  return text.length > maxShownLength
    ? `${text.slice(0, maxShownLength)}… (${text.length} characters)`
    : text;
}

function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return typeof value;
  }
}
