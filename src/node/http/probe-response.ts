/**
 * A response without a connection, on which a behaviour of Node is tested. It has Node's methods as they were when this
 * file was loaded: a package that patches them later may expect a connection, or count each response.
 */
import { ServerResponse } from 'node:http';

const { appendHeader, cork, end, getHeader, removeHeader, setHeader, uncork, write, writeHead } =
  ServerResponse.prototype;
const methods = { appendHeader, cork, end, getHeader, removeHeader, setHeader, uncork, write, writeHead };

export function createProbe(): ServerResponse {
  const request = { method: 'GET', httpVersionMajor: 1, httpVersionMinor: 1 }; // all that Node reads
  return Object.assign(new ServerResponse(request as never), methods);
}
