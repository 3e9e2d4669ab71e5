/** The texts of `image-signer init`. They are a separate file of the package, so that other commands do not load them. */
export { type Server, serverOf, servers } from './tools/init/servers.ts';
export { configFileOf, environmentFileOf, type Store, stores } from './tools/init/stores.ts';
