/**
 * One site on one server, with its clock and all that it has told; visitors reach both over HTTP, in whatever process
 * or runtime the server is. It knows no framework.
 */
import type { ImageSignerEvent } from '../../src/options/types.ts';
import { instant } from '../support/samples.ts';
import type { Site, Tools } from './site.ts';
import { type SiteName, sites } from './sites/index.ts';

/** What a framework's entry has of the tools. */
export type Entry = Pick<Tools, 'headerOf' | 'createSigner'>;

export class Room {
  readonly site: Site;
  #now = instant;
  #told: (ImageSignerEvent | string)[] = [];

  constructor(name: SiteName, entry: Entry) {
    const tell = (what: ImageSignerEvent | string): void => void this.#told.push(what);
    this.site = sites[name]({ ...entry, now: () => this.#now, report: tell, tell });
  }

  /** @returns what the visitor is told; undefined if the request is the site's */
  control(target: string): string | undefined {
    if (target === '/_told') return JSON.stringify(this.#told.splice(0));
    if (!target.startsWith('/_clock?')) return undefined;
    this.#now = Number(target.slice('/_clock?'.length));
    return '';
  }
}

/** By the name of the host: each server has all sites, and makes them when they are first asked for. */
export function createRooms(entry: Entry): (host: string | null | undefined) => Room | undefined {
  const rooms = new Map<SiteName, Room>();
  const isSite = (name: string): name is SiteName => Object.hasOwn(sites, name);
  return (host) => {
    const name = host?.replace(/\.test$/, '') ?? '';
    if (!isSite(name)) return undefined;
    const room = rooms.get(name) ?? new Room(name, entry);
    rooms.set(name, room);
    return room;
  };
}
