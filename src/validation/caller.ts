/**
 * Says by what framework a function was called that expects another one, or options: the entry point was mistyped, or the
 * call that makes the middleware is missing. The error of the first property that is missing would not say so.
 */
import type { ImageSignerError } from '../errors.ts';
import { invalidOption } from './message.ts';

interface Framework {
  readonly name: string;
  readonly entry: string;
  /** What it calls a middleware or a plugin with first. */
  readonly passes: string;
  /** Whether this is one. */
  readonly isIt: (first: object) => boolean;
  /** How a function of the entry point is installed. */
  readonly install: (name: string) => string;
}

const use = (name: string): string => `app.use(${name}({ … }))`;

/** By properties that the frameworks above in the list lack. `in` calls no getter: some of Hono throw. */
const frameworks: readonly Framework[] = [
  {
    name: 'Fastify',
    entry: 'image-signer/fastify',
    passes: 'an instance of Fastify',
    isIt: (first) => 'decorateRequest' in first,
    install: (name) => `app.register(${name}, { … })`,
  },
  {
    name: 'Hono',
    entry: 'image-signer/hono',
    passes: 'a context of Hono',
    isIt: (first) => 'newResponse' in first,
    install: use,
  },
  {
    name: 'Koa',
    entry: 'image-signer/koa',
    passes: 'a context of Koa',
    isIt: (first) => 'state' in first && 'res' in first,
    install: use,
  },
  {
    name: 'fetch',
    entry: 'image-signer/fetch',
    passes: 'a Request of fetch',
    isIt: (first) => 'clone' in first && 'headers' in first,
    install: (name) => `${name}({ … })`,
  },
  {
    name: 'Express, Connect or node:http',
    entry: 'image-signer',
    passes: 'a request',
    isIt: (first) => 'headers' in first && 'method' in first,
    install: use,
  },
];

export type Exported = 'imageGuard' | 'imageSigner' | 'signingEndpoint';

function callerOf(first: unknown): Framework | undefined {
  return typeof first === 'object' && first !== null ? frameworks.find(({ isIt }) => isIt(first)) : undefined;
}

/**
 * @param name - of the function whose result was called
 * @param entry - the entry point that it comes from
 * @param expected - the arguments that it takes
 * @param first - the argument that came
 * @param mend - what to do where no other framework has called it
 */
export function calledByAnother(
  name: Exported,
  entry: string,
  expected: string,
  first: unknown,
  mend = `Call it with ${expected}.`,
): ImageSignerError {
  const caller = callerOf(first);
  const hint =
    caller === undefined || caller.entry === entry
      ? mend
      : `It was called by ${caller.name}: import ${name} from '${caller.entry}'.`;
  return invalidOption('', `${name} of '${entry}' expected ${expected}. ${hint}`);
}

/**
 * For `app.use(imageSigner)`, without a call: the framework calls the factory.
 * @param factory - the function that was called
 * @param first - the argument that came in the place of options
 * @returns undefined if no framework passes it
 */
export function calledByFramework(factory: string, first: unknown): ImageSignerError | undefined {
  const caller = callerOf(first);
  if (caller === undefined) return undefined;
  const { passes, install, entry } = caller;
  const isInstalled = /^(?:imageSigner|imageGuard|signingEndpoint)$/.test(factory);
  const write = isInstalled ? `${install(factory)}, with ${factory} of '${entry}'` : `${factory}({ … })`;
  return invalidOption('', `${factory} expected options, got ${passes}. Write ${write}.`);
}
