/** The server of `image-signer proxy`. It is a separate file of the package, so that other commands do not load it. */
export { createProxy } from './tools/proxy/server.ts';
