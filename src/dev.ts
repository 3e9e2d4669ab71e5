/** The server of `image-signer dev`. It is a separate file of the package, so that other commands do not load it. */
export { createDevelopmentDelivery } from './tools/dev/development-delivery.ts';
export { developmentKey } from './tools/dev/development-key.ts';
