/** What runs within the Worker of Hono. */
import { createHonoApp, honoEntry } from './hono-app.ts';
import { type Handler, serveSites } from './worker-rooms.ts';

const served: { readonly fetch: Handler } = serveSites(honoEntry, (site) => {
  const app = createHonoApp(site);
  return (request) => app.fetch(request);
});

export default served;
