/**
 * Routes a request target: to one image, whose URL follows the endpoint's path, or to the endpoint itself. It only splits
 * text, and does not check the URL.
 */

export type Route =
  | { readonly kind: 'image'; readonly url: string }
  | {
      readonly kind: 'endpoint';
      /** Without `?`. */
      readonly query: string;
    };

/**
 * @param target - in origin form or absolute form (RFC 9112, 3.2), as the client sent it
 * @param basePath - the option `path`; empty where the framework removes the mount path
 * @returns undefined for a target that is not under the base path
 */
export function routeOf(target: string, basePath: string = ''): Route | undefined {
  const text = withoutOrigin(target);
  const query = text.includes('?') ? text.indexOf('?') : text.length;
  const path = text.slice(0, query);
  if (!path.startsWith('/') || (path !== basePath && !path.startsWith(`${basePath}/`))) return undefined;
  return /^\/*$/.test(path.slice(basePath.length))
    ? { kind: 'endpoint', query: text.slice(query + 1) }
    : { kind: 'image', url: imageUrl(text.slice(basePath.length)) };
}

/** @returns undefined unless `url` is the only parameter: another one may belong to an image URL that is not encoded */
export function urlInQuery(query: string): string | undefined {
  const parameters = [...new URLSearchParams(`?${query}`)]; // URLSearchParams strips one leading `?`
  const [[name, url] = []] = parameters;
  return parameters.length === 1 && name === 'url' ? url : undefined;
}

function withoutOrigin(target: string): string {
  const origin = /^https?:\/\/[^/?#]*/i.exec(target)?.[0];
  if (origin === undefined) return target;
  const rest = target.slice(origin.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/**
 * Turns `/https://host/…` into an absolute URL, even if a proxy has merged its slashes; anything else is a path-absolute
 * URL. Several leading slashes count as one: Express 4 may leave a second one after the mount path.
 */
function imageUrl(path: string): string {
  const [head, scheme] = /^\/+(https?:)\/{1,2}(?!\/)/i.exec(path) ?? [];
  return head === undefined ? path.replace(/^\/+/, '/') : `${scheme}//${path.slice(head.length)}`;
}
