/** All sites within one Worker, told apart by the name of the host. */
import { createRooms, type Entry } from '../room.ts';
import type { Site } from '../site.ts';

export type Handler = (request: Request) => Response | Promise<Response>;

/** @returns what the module of a Worker exports */
export function serveSites(entry: Entry, build: (site: Site) => Handler): { readonly fetch: Handler } {
  const roomOf = createRooms(entry);
  const handlers = new Map<Site, Handler>();
  return {
    fetch(request) {
      const { hostname, pathname, search } = new URL(request.url);
      const room = roomOf(hostname);
      if (room === undefined) return new Response(null, { status: 421 });
      const told = room.control(pathname + search);
      if (told !== undefined) return new Response(told);
      const handler = handlers.get(room.site) ?? build(room.site);
      handlers.set(room.site, handler);
      return handler(request);
    },
  };
}
