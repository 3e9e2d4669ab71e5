/** The proxy of the command, in a file of its own in the package: the other commands do not load it, and no app imports it. */
export { createProxy } from './tools/proxy/server.ts';
