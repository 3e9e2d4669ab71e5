/**
 * What the target is told of the client: `X-Forwarded-*`, `Forwarded` (RFC 7239) and `Via` (RFC 9110, 7.6.3). What a client
 * says of itself is replaced, unless another proxy in front is trusted.
 */

/** How the client reached the proxy. */
export interface ClientConnection {
  /** Undefined once the client has gone. */
  readonly address: string | undefined;
  /** Of the request; `''` if it has none, as in HTTP/1.0. */
  readonly host: string;
}

/**
 * Whether a lower-case name tells who asks, or for which host and scheme. CGI and WSGI make one variable of
 * `X-Forwarded-For` and `X_Forwarded_For`, so that an underscore would slip past. `Proxy` becomes `HTTP_PROXY`
 * there, through which programs send their own requests (https://httpoxy.org).
 */
export function tellsOfClient(name: string): boolean {
  const spelled = name.includes('_') ? name.replaceAll('_', '-') : name;
  return (
    spelled.startsWith('x-forwarded-') ||
    spelled === 'forwarded' ||
    spelled === 'x-real-ip' ||
    spelled === 'proxy'
  );
}

/** Fields for a request whose own say nothing of the client, by their lower-case names. */
export function forwardedFields({ address, host }: ClientConnection): Record<string, string> {
  const client = plainAddress(address);
  return {
    ...(client !== undefined && { 'x-forwarded-for': client }),
    ...(host !== '' && { 'x-forwarded-host': host }),
    'x-forwarded-port': portOf(host),
    'x-forwarded-proto': 'http',
    forwarded: forwardedElement(client, host),
  };
}

/**
 * Adds this hop to what a trusted proxy in front has said. Its scheme, host and port are those of the visitor, and stay.
 * @param given - the fields of the request that tell of the client, by lower-case names
 */
export function extendForwarded(
  given: Readonly<Record<string, string>>,
  connection: ClientConnection,
): Record<string, string> {
  const own = forwardedFields(connection);
  const extended = { ...own, ...given };
  const { 'x-forwarded-for': client } = own;
  if (client !== undefined) extended['x-forwarded-for'] = listOf(given['x-forwarded-for'], client);
  if (given['forwarded'] !== undefined) extended['forwarded'] = listOf(given['forwarded'], own['forwarded']!);
  // A target that prefers `Forwarded` would take the proxy in front for the visitor.
  else if (given['x-forwarded-for'] !== undefined) delete extended['forwarded'];
  return extended;
}

function listOf(given: string | undefined, added: string): string {
  return given === undefined || given === '' ? added : `${given}, ${added}`;
}

function forwardedElement(client: string | undefined, host: string): string {
  const from = client === undefined ? 'unknown' : client.includes(':') ? `"[${client}]"` : client;
  return `for=${from};${host === '' ? '' : `host="${host}";`}proto=http`;
}

/** IPv4 in an IPv6 socket (`::ffff:192.0.2.1`) is written as IPv4. */
function plainAddress(address: string | undefined): string | undefined {
  return address?.replace(/^::ffff:(?=\d+\.)/i, '');
}

function portOf(host: string): string {
  return /:(\d+)$/.exec(host)?.[1] ?? '80';
}
