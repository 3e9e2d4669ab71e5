/** What `image-signer init` writes, in a file of its own in the package: the other commands do not load it, and no app imports it. */
export { type Server, serverOf, servers } from './tools/init/servers.ts';
export { configFileOf, environmentFileOf, type Store, stores } from './tools/init/stores.ts';
