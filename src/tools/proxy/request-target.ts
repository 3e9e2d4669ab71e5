/** The request target (RFC 9112, 3.2): which path it asks for. Whatever host it names, the request goes to the proxy's target. */

export interface RequestTarget {
  /** Path and query as the client wrote them, or `*`. */
  readonly path: string;
  /** The host that a target in absolute form names, which replaces `Host` (RFC 9112, 3.2.2). */
  readonly authority: string | undefined;
}

/** @returns undefined for a target that no request to a site has */
export function parseRequestTarget(method: string, target: string): RequestTarget | undefined {
  if (target.startsWith('/')) return { path: target, authority: undefined };
  if (target === '*') return method === 'OPTIONS' ? { path: '*', authority: undefined } : undefined;
  const [, authority, rest] = /^https?:\/\/([^/?#@\\]+)((?:[/?].*)?)$/is.exec(target) ?? [];
  if (authority === undefined || rest === undefined) return undefined;
  return { path: rest.startsWith('/') ? rest : `/${rest}`, authority };
}

/** Whether a text is a host with or without a port: what else stands in `Host` is refused (RFC 9112, 3.2). */
export function isAuthority(text: string): boolean {
  return /^(?:[\w.~!$&'()*+,;=%-]*|\[[\da-f:.]+\])(?::\d*)?$/i.test(text);
}
