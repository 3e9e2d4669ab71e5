/**
 * Says by what arguments a function of one entry point was called by another framework: the entry point was mistyped, and the
 * error of the first property that is missing would not say so.
 */
import type { ImageSignerError } from '../errors.ts';
import { invalidOption } from './message.ts';

interface Framework {
  readonly name: string;
  readonly entry: string;
  /** Whether these are the arguments that it calls a middleware or a plugin with. */
  readonly calls: (first: object, second: unknown) => boolean;
}

/** By properties that the others lack. `in` calls no getter: some of Hono throw. */
const frameworks: readonly Framework[] = [
  { name: 'Fastify', entry: 'image-signer/fastify', calls: (first) => 'decorateRequest' in first },
  { name: 'Hono', entry: 'image-signer/hono', calls: (first) => 'newResponse' in first },
  {
    name: 'Koa',
    entry: 'image-signer/koa',
    calls: (first) => 'state' in first && 'res' in first,
  },
  {
    name: 'Express, Connect or node:http',
    entry: 'image-signer',
    calls: (_first, second) => typeof second === 'object' && second !== null && 'writeHead' in second,
  },
];

/**
 * @param name - of the function whose result was called
 * @param entry - the entry point that it comes from
 * @param expected - the arguments that it takes
 */
export function calledByAnother(
  name: 'imageGuard' | 'imageSigner' | 'signingEndpoint',
  entry: string,
  expected: string,
  [first, second]: readonly unknown[],
): ImageSignerError {
  const caller =
    typeof first === 'object' && first !== null
      ? frameworks.find((each) => each.entry !== entry && each.calls(first, second))
      : undefined;
  const hint =
    caller === undefined
      ? `Call it with ${expected}.`
      : `It was called by ${caller.name}: import ${name} from '${caller.entry}'.`;
  return invalidOption('', `${name} of '${entry}' expected ${expected}. ${hint}`);
}
