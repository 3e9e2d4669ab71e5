/**
 * Recognizes the framework that called a function which expects another framework, or options: the import is wrong, or the
 * call that creates the middleware is missing. A "cannot read property" error would not say so.
 */
import type { ImageSignerError } from '../errors.ts';
import { invalidOption } from './message.ts';

interface Framework {
  readonly name: string;
  readonly entry: string;
  /** The first argument of a middleware or plugin. */
  readonly passes: string;
  readonly isIt: (first: object) => boolean;
  /** How a function of the entry point is installed. */
  readonly install: (name: string) => string;
}

const use = (name: string): string => `app.use(${name}({ … }))`;

/** Each by properties that the frameworks above it lack. `in` calls no getter: some of Hono's throw. */
const frameworks: readonly Framework[] = [
  {
    name: 'Fastify',
    entry: 'image-signer/fastify',
    passes: 'a Fastify instance',
    isIt: (first) => 'decorateRequest' in first,
    install: (name) => `app.register(${name}, { … })`,
  },
  {
    name: 'Hono',
    entry: 'image-signer/hono',
    passes: 'a Hono context',
    isIt: (first) => 'newResponse' in first,
    install: use,
  },
  {
    name: 'Koa',
    entry: 'image-signer/koa',
    passes: 'a Koa context',
    isIt: (first) => 'state' in first && 'res' in first,
    install: use,
  },
  {
    name: 'fetch',
    entry: 'image-signer/fetch',
    passes: 'a fetch Request',
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
 * @param name - the exported function whose result was called
 * @param entry - its entry point
 * @param expected - its arguments
 * @param first - the argument that it received
 * @param fix - what to do if no other framework has called it
 */
export function calledByAnother(
  name: Exported,
  entry: string,
  expected: string,
  first: unknown,
  fix = `Call it with ${expected}.`,
): ImageSignerError {
  const caller = callerOf(first);
  const hint =
    caller === undefined || caller.entry === entry
      ? fix
      : `It was called by ${caller.name}: import ${name} from '${caller.entry}'.`;
  return invalidOption('', `${name} of '${entry}' expected ${expected}. ${hint}`);
}

/**
 * For `app.use(imageSigner)`, without a call: the framework calls the factory.
 * @param factory - the function that was called
 * @param first - the argument instead of options
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
