/**
 * Finds the file of an image id in the folder of originals. Ids are compared byte by byte with the names that a folder lists,
 * since a file system that ignores case opens a file under many names.
 */
import { promises } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { BoundedCache } from '../bounded-cache.ts';

export interface Original {
  /** Its real path below the folder, with `/` between the names, however the id spells it. */
  readonly file: string;
  /** Absolute. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** In milliseconds since 1970. */
  readonly modifiedAt: number;
  /** When its content, name or rights changed, which nobody can set; copying programs may set `modifiedAt`. */
  readonly changedAt: number;
}

type EntryKind = 'folder' | 'file' | 'link';

interface Listing {
  /** When the folder last changed, in milliseconds. Unlike `mtime`, its owner cannot set this time. */
  readonly changedAt: number;
  readonly kinds: ReadonlyMap<string, EntryKind>;
  /** By stem: the only file that has it; undefined if there are several. */
  readonly stems: ReadonlyMap<string, string | undefined>;
}

/** What this uses of `node:fs/promises`. */
export type FolderDisk = Pick<typeof promises, 'readdir' | 'realpath' | 'stat'>;

const maxListings = 256;

/** In milliseconds: a folder may change twice within one tick of its clock, which takes two seconds on some file systems. */
const longestTick = 2_500;

export class PictureFolder {
  readonly #root: string;
  readonly #disk: FolderDisk;
  readonly #listings: BoundedCache<Listing> = new BoundedCache(maxListings);

  /** @param root - a real path */
  constructor(root: string, disk: FolderDisk = promises) {
    this.#root = root;
    this.#disk = disk;
  }

  /**
   * @param id - plain text: the path of the file below the folder, or that path without its extension
   * @returns undefined if there is no such file, or it is hidden or outside of the folder
   */
  async find(id: string): Promise<Original | undefined> {
    const names = namesOf(id);
    if (names === undefined) return undefined;
    try {
      return await this.#walk(names);
    } catch {
      return undefined; // a file or folder that is gone, or cannot be read
    }
  }

  async #walk(names: readonly string[]): Promise<Original | undefined> {
    let path = this.#root;
    let mayLeave = false;
    for (const [index, name] of names.entries()) {
      const listing = await this.#list(path);
      const found = index < names.length - 1 ? listing.kinds.has(name) && name : fileIn(listing, name);
      if (found === false || found === undefined) return undefined;
      mayLeave ||= listing.kinds.get(found) === 'link';
      path = join(path, found);
    }
    const real = mayLeave ? await this.#disk.realpath(path) : path;
    const file = relative(this.#root, real).split(sep);
    // A link may lead to a hidden file, or out of the folder: then the path has `..` or a drive in it.
    if (!file.every(isName)) return undefined;
    const stats = await this.#disk.stat(real);
    if (!stats.isFile()) return undefined;
    return {
      file: file.join('/'),
      path: real,
      size: stats.size,
      modifiedAt: stats.mtimeMs,
      changedAt: stats.ctimeMs,
    };
  }

  async #list(folder: string): Promise<Listing> {
    const { ctimeMs } = await this.#disk.stat(folder);
    const known = this.#listings.get(folder);
    if (known?.changedAt === ctimeMs) return known;
    const kinds = new Map<string, EntryKind>();
    const stems = new Map<string, string | undefined>();
    for (const entry of await this.#disk.readdir(folder, { withFileTypes: true })) {
      const { name } = entry;
      if (!isName(name)) continue;
      const kind = entry.isSymbolicLink() ? 'link' : entry.isDirectory() ? 'folder' : 'file';
      kinds.set(name, kind);
      const stem = name.slice(0, Math.max(0, name.lastIndexOf('.')));
      if (stem !== '' && kind !== 'folder') stems.set(stem, stems.has(stem) ? undefined : name);
    }
    const listing = { changedAt: ctimeMs, kinds, stems };
    if (Math.abs(Date.now() - ctimeMs) > longestTick) this.#listings.set(folder, listing);
    return listing;
  }
}

/** The exact name first, else the only file with that stem. */
function fileIn({ kinds, stems }: Listing, name: string): string | undefined {
  const kind = kinds.get(name);
  return kind === 'file' || kind === 'link' ? name : stems.get(name);
}

/** Windows devices have these names in every folder, with any extension. */
const device = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?:\.|$)/i;

/** Characters that end or divide a name on some system: control characters, separators, and those of drives and streams. */
const forbidden = /[\0-\x1f\x7f/\\:]/;

/**
 * Allows only names that mean the same file on every system.
 * @param id - plain text, with `/` between the names
 * @returns the names of folders and file; undefined for an id that names no file
 */
export function namesOf(id: string): readonly string[] | undefined {
  const names = id.split('/');
  return names.every(isName) ? names : undefined;
}

/** Names that begin with a dot are hidden, and include `..`. Windows drops dots and spaces at the end of a name. */
function isName(name: string): boolean {
  return (
    name !== '' && !name.startsWith('.') && !/[. ]$/.test(name) && !forbidden.test(name) && !device.test(name)
  );
}
