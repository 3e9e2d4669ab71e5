/** How connections to the target are opened: to the host of `--target`, and in TLS by its name. */
import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';

/** The host as `node:net` takes it: an IPv6 address without its brackets. */
export function hostnameOf({ hostname }: URL): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

/**
 * Node.js would ask for the certificate of the host in `Host`, which the visitor chooses: a target that is known by another
 * name would be refused, and each name would have connections of its own. An address is never sent (RFC 6066, 3).
 */
export function createTargetAgent(target: URL, options: http.AgentOptions): http.Agent {
  if (target.protocol !== 'https:') return new http.Agent(options);
  const hostname = hostnameOf(target);
  return new https.Agent({ ...options, servername: isIP(hostname) === 0 ? hostname : '' });
}
