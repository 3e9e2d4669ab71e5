/**
 * One site on one server, with its clock and all that it has told; visitors reach both over HTTP, in whatever process
 * or runtime the server is. It knows no framework.
 */
import type { ImageSignerEvent } from '../../src/options/events.ts';
import { instant } from '../support/samples.ts';
import type { Site, Tools } from './site.ts';
import { type SiteName, sites } from './sites/index.ts';
import { stores } from './stores/index.ts';
import type { Store } from './stores/store.ts';

/** What a framework's entry has of the tools. */
export type Entry = Pick<Tools, 'headerOf' | 'createSigner'>;

export class Room {
  readonly site: Site;
  #now = instant;
  #told: (ImageSignerEvent | string)[] = [];

  constructor(name: SiteName, store: Store, entry: Entry) {
    const tell = (what: ImageSignerEvent | string): void => void this.#told.push(what);
    this.site = sites[name]({ ...entry, store, now: () => this.#now, report: tell, tell });
  }

  /** @returns what the visitor is told; undefined if the request is the site's */
  control(target: string): string | undefined {
    if (target === '/_told') return JSON.stringify(this.#told.splice(0));
    const [path, time] = target.split('?', 2);
    if (path !== '/_clock' && path !== '/_begin') return undefined;
    this.#now = Number(time);
    if (path === '/_begin') this.#told = [];
    return '';
  }
}

/** By the name of the host, `<site>.<store>.test`: each server has all sites, and makes them when they are first asked for. */
export function createRooms(entry: Entry): (host: string | null | undefined) => Room | undefined {
  const rooms = new Map<string, Room>();
  const isSite = (name: string): name is SiteName => Object.hasOwn(sites, name);
  return (host) => {
    const [name = '', storeName] = host?.split('.') ?? [];
    const store = stores.find((each) => each.name === storeName);
    if (store === undefined || !isSite(name)) return undefined;
    const room = rooms.get(host!) ?? new Room(name, store, entry);
    rooms.set(host!, room);
    return room;
  };
}
