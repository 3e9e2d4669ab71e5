/** What `image-signer dev` runs, in a file of its own in the package: the other commands do not load it, and no app imports it. */
export { createDevelopmentDelivery } from './tools/dev/development-delivery.ts';
export { developmentKey } from './tools/dev/development-key.ts';
