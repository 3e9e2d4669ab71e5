/** The signing endpoint at `/sign`, mounted as each server does it, and a client that asks it. */
import { type ImageSignerEvent, type SigningEndpointOptions, signingEndpoint } from '../../../src/index.ts';
import { note } from '../events.ts';
import { type RawRequest, type RawResponse, send } from '../http/raw.ts';
import { base, signerWith } from '../samples.ts';
import { type Framework, type Handler, type Mount, withSite } from './frameworks.ts';

export const signer: ReturnType<typeof signerWith> = signerWith();

/** Says that nobody has answered before. */
export const behind: Handler = (_request, response) => {
  response.statusCode = 418;
  response.end('behind');
};

/** Allows everything, unless told otherwise. */
export function endpointOptions(more: object = {}): SigningEndpointOptions {
  return { ...base, authorize: () => true, ...more } as SigningEndpointOptions;
}

/** On a bare server the option `path` stands for the mount. */
export function mountAt(framework: Framework, more: object = {}): Mount {
  return framework.name === 'node:http'
    ? signingEndpoint(endpointOptions({ path: '/sign', ...more }))
    : ['/sign', signingEndpoint(endpointOptions(more))];
}

export function ask(
  framework: Framework,
  target: string,
  more: object = {},
  request: RawRequest = {},
  before: readonly Mount[] = [],
): Promise<RawResponse> {
  return withSite(framework.build([...before, mountAt(framework, more)], behind), (port) =>
    send(port, target, request),
  );
}

/** A `POST` of JSON, or of whatever text. */
export function post(body: unknown, headers: Readonly<Record<string, string>> = {}): RawRequest {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}

/** Collects what `report` hears. */
export function listening(): { readonly events: ImageSignerEvent[]; report(event: ImageSignerEvent): void } {
  const events: ImageSignerEvent[] = [];
  return { events, report: (event) => note(events, event) };
}

/** The same with the query that a page's script would write. */
export const byQuery = (url: string): string => `/sign?url=${encodeURIComponent(url)}`;
export const byPath = (url: string): string => `/sign/${url}`;
