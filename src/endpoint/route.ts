/**
 * A request's target -> what is asked for: one image, by the URL that follows the endpoint's path, or the endpoint
 * itself. It takes text apart, and does not judge what it finds.
 */

export type Route =
  | { readonly kind: 'image'; readonly url: string }
  | {
      readonly kind: 'endpoint';
      /** Without its `?`. */
      readonly query: string;
    };

/**
 * @param target - a path and a query as the client sent them, maybe behind an origin, as proxies send it
 * @param mount - a path that has not been taken off yet
 * @returns undefined for a target that is not below the mount
 */
export function routeOf(target: string, mount: string = ''): Route | undefined {
  const text = withoutOrigin(target);
  const query = text.includes('?') ? text.indexOf('?') : text.length;
  const path = text.slice(0, query);
  if (!path.startsWith('/') || (path !== mount && !path.startsWith(`${mount}/`))) return undefined;
  return /^\/*$/.test(path.slice(mount.length))
    ? { kind: 'endpoint', query: text.slice(query + 1) }
    : { kind: 'image', url: imageUrl(text.slice(mount.length)) };
}

/** @returns undefined unless the query is `url=…` and nothing else, whatever may be meant by what stands beside it */
export function urlInQuery(query: string): string | undefined {
  const parameters = [...new URLSearchParams(`?${query}`)]; // the `?` keeps one that belongs to the first name
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
 * `/https://host/…`, of which a proxy may have merged the slashes, without its first; or a root-relative URL. More
 * slashes before it count as one: Express 4 takes the second one for the mount's.
 */
function imageUrl(rest: string): string {
  const [head, scheme] = /^\/+(https?:)\/{1,2}(?!\/)/i.exec(rest) ?? [];
  return head === undefined ? rest.replace(/^\/+/, '/') : `${scheme}//${rest.slice(head.length)}`;
}
