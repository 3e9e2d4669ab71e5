/** What runs within the Worker. */
import { createSigner } from '../../../src/fetch.ts';
import { handlerOf } from './fetch-handler.ts';
import { type Handler, serveSites } from './worker-rooms.ts';

const served: { readonly fetch: Handler } = serveSites(
  {
    createSigner: (options) => createSigner(options as never),
    headerOf: (viewer, name) => (viewer as Request).headers.get(name) ?? undefined,
  },
  handlerOf,
);

export default served;
