/**
 * What the target learns about the client: `X-Forwarded-*`, `Forwarded` (RFC 7239) and `Via` (RFC 9110, 7.6.3). What a client
 * says about itself is replaced, unless a proxy in front is trusted.
 */

/** How the client reached the proxy. */
export interface ClientConnection {
  /** Undefined once the client has gone. */
  readonly address: string | undefined;
  /** Of the request; `''` without one, as in HTTP/1.0. */
  readonly host: string;
}

/**
 * Whether a lower-case name says who asks, or for which host and scheme. CGI, WSGI and PHP make one variable of
 * `X-Forwarded-For`, `X_Forwarded_For` and `X.Forwarded.For`, so another spelling would slip past.
 */
export function tellsOfClient(name: string): boolean {
  const spelled = plainSpelling(name);
  return spelled.startsWith('x-forwarded') || spelled === 'forwarded' || spelled === 'x-real-ip';
}

/**
 * Whether the target must never receive a field, whoever sends it: other spellings of those above, which a proxy in front
 * does not replace, and `Proxy`, which becomes `HTTP_PROXY` and redirects a program's own requests (https://httpoxy.org).
 */
export function isForged(name: string): boolean {
  const spelled = plainSpelling(name);
  return spelled === 'proxy' || (spelled !== name && tellsOfClient(name));
}

function plainSpelling(name: string): string {
  return /^[a-z\d-]*$/.test(name) ? name : name.replace(/[^a-z\d]/g, '-');
}

type Fields = Record<string, string | string[]>;

/**
 * Adds the fields that describe the client as this proxy sees it.
 * @param fields - of the request to the target, by lower-case names, without any that describe the client
 */
export function addForwarded(fields: Fields, { address, host }: ClientConnection): void {
  const client = plainAddress(address);
  if (client !== undefined) fields['x-forwarded-for'] = client;
  if (host !== '') fields['x-forwarded-host'] = host;
  fields['x-forwarded-port'] = portOf(host, 'http');
  fields['x-forwarded-proto'] = 'http';
  fields['forwarded'] = forwardedElement(client, host);
}

/**
 * Adds this hop to the fields of a trusted proxy in front. Its scheme, host and port are the visitor's, and stay.
 * @param given - its fields, by lower-case names
 */
export function extendForwarded(
  fields: Fields,
  given: Readonly<Record<string, string>>,
  connection: ClientConnection,
): void {
  addForwarded(fields, connection);
  const { 'x-forwarded-for': client, forwarded } = fields as Record<string, string>;
  const { forwarded: givenForwarded, ...others } = given;
  // There are two kinds of fields. Where the proxy in front uses only one of them, the other would name that proxy as the
  // visitor, with its scheme.
  if (givenForwarded === undefined) delete fields['forwarded'];
  else fields['forwarded'] = listOf(givenForwarded, forwarded!);
  if (Object.keys(others).length === 0) {
    for (const name of ['for', 'host', 'port', 'proto']) delete fields[`x-forwarded-${name}`];
    return;
  }
  const { 'x-forwarded-host': host = connection.host, 'x-forwarded-proto': scheme = 'http' } = others;
  Object.assign(fields, { 'x-forwarded-port': portOf(host, scheme) }, others);
  if (client !== undefined) fields['x-forwarded-for'] = listOf(others['x-forwarded-for'], client);
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
  return address?.startsWith('::ffff:') === true ? address.replace(/^::ffff:(?=\d+\.)/, '') : address;
}

function portOf(host: string, scheme: string): string {
  return /:(\d+)$/.exec(host)?.[1] ?? (scheme.startsWith('https') ? '443' : '80');
}
