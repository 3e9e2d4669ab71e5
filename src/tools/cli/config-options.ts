/**
 * Splits the options of the `--config` file by their users, so that one file serves the app and every command. It knows
 * their names, but not their meaning.
 */
import type { DeliveryOptions } from '../../options/delivery-options.ts';
import type { MiddlewareOptionsFor } from '../../options/factory-options.ts';
import type { CloudflareOptions } from '../../options/signer-options.ts';
import { nearestName } from '../../text/nearest-name.ts';
import { printableName } from '../../validation/message.ts';
import { Mistake } from './mistake.ts';

type Options = Record<string, unknown>;

export interface ConfigOptions {
  /** What `createSigner` takes; empty if the file gives a signer. */
  readonly signerOptions: Options;
  /** The other options of `imageSigner`, such as `rewrite`, and a signer with the options beside it. */
  readonly middlewareOptions: Options;
  /** Finds out who asks for a page, for the proxy. */
  readonly viewer: unknown;
  /** The options of `imageDelivery`, except its signer. */
  readonly deliveryOptions: Options;
}

/** Options that may be given beside `signer`, and then override the signer's own. */
type AccessName = 'authorize' | 'deniedVariant' | 'report';

type Taker = 'signer' | 'access' | 'middleware' | 'proxy' | 'delivery';

type Name =
  | keyof CloudflareOptions
  | AccessName
  | keyof MiddlewareOptionsFor<unknown[]>
  | 'scheme'
  | 'signer'
  | 'viewer'
  | Exclude<keyof DeliveryOptions, 'explain' | 'placeholder'>;

const takers: Readonly<Record<Name, Taker>> = {
  key: 'signer',
  keyRefresh: 'signer',
  ttl: 'signer',
  variants: 'signer',
  accountHash: 'signer',
  delivery: 'signer',
  from: 'signer',
  stableFor: 'signer',
  memory: 'signer',
  now: 'signer',
  scheme: 'signer',
  ...({ authorize: 'access', deniedVariant: 'access', report: 'access' } satisfies Record<AccessName, Taker>),
  signer: 'middleware',
  rewrite: 'middleware',
  skip: 'middleware',
  attributes: 'middleware',
  scripts: 'middleware',
  fields: 'middleware',
  customProperties: 'middleware',
  viewer: 'proxy',
  directory: 'delivery',
  isPublic: 'delivery',
  sharedCache: 'delivery',
  limits: 'delivery',
};

/**
 * @param file - its name, for messages
 * @throws Mistake for an unknown name
 */
export function splitConfig(file: string, config: Readonly<Options>): ConfigOptions {
  const unknown = Object.keys(config).find((name) => !Object.hasOwn(takers, name));
  if (unknown !== undefined) throw new Mistake(`${file}: ${unknownOption(unknown)}`);
  const takenBy = (...some: readonly Taker[]): Options =>
    Object.fromEntries(Object.entries(config).filter(([name]) => some.includes(takers[name as Name])));
  const hasSigner = Object.hasOwn(config, 'signer');
  return {
    signerOptions: hasSigner ? takenBy('signer') : takenBy('signer', 'access'),
    middlewareOptions: hasSigner ? takenBy('middleware', 'access') : takenBy('middleware'),
    viewer: config['viewer'],
    deliveryOptions: takenBy('delivery'),
  };
}

/** The name may be a key that was pasted in the wrong place. */
function unknownOption(name: string): string {
  const near = nearestName(name, Object.keys(takers));
  const hint =
    near === undefined ? `The options are ${Object.keys(takers).join(', ')}.` : `Did you mean \`${near}\`?`;
  return `\`${printableName(name)}\` is not an option. ${hint}`;
}
