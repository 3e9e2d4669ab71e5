/**
 * Keeps made pictures on the disk. Each is written beside its place and renamed, so that nobody reads a half; one that cannot be
 * written is not kept. The folder is this user's alone: whoever could write into it would choose what the site shows.
 */
import { randomUUID } from 'node:crypto';
import { createReadStream, lstatSync, mkdirSync, promises } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashHex } from '../signing/digests.ts';
import { invalidOption } from '../validation/message.ts';
import type { Representation } from './answer.ts';
import type { DeliveryConfiguration } from './options.ts';

/** What is asked of `node:fs/promises`. */
export type KeepingDisk = Pick<
  typeof promises,
  'readdir' | 'readFile' | 'rename' | 'stat' | 'unlink' | 'writeFile'
>;

/** In milliseconds: what is written takes no longer, so an older half was left by a process that ended. */
const longestWrite = 3_600_000;

/** In bytes: what is asked for again and again is in memory as well. */
const maxRecent = 32 * 1024 * 1024;
/** In bytes: a larger picture takes longer to send than to read, and each client that reads slowly would hold one. */
const maxRecentSize = 512 * 1024;

/** How much of the room stays when some is made. */
const keptShare = 0.9;

export type KeptPicture = Pick<Representation, 'size' | 'body'>;

interface Kept {
  readonly path: string;
  readonly size: number;
  readonly madeAt: number;
}

export class KeptPictures {
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #disk: KeepingDisk;
  /** By name, the last that was asked for at the end. */
  readonly #recent: Map<string, Buffer> = new Map();
  #recentBytes = 0;
  /** In bytes; undefined before the folder was looked through. */
  #total: number | undefined;
  /** In bytes: what was kept while the folder is looked through, which may not have been seen. */
  #addedMeanwhile = 0;
  #clearing: Promise<void> | undefined;

  /** @param folder - as `privateFolder` makes it */
  constructor(folder: string, maxBytes: number, disk: KeepingDisk = promises) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    this.#disk = disk;
  }

  /** @returns undefined for a picture that is not there */
  async read(name: string): Promise<KeptPicture | undefined> {
    const recent = this.#recent.get(name);
    if (recent !== undefined) {
      this.#recent.delete(name);
      this.#recent.set(name, recent);
      return { size: recent.length, body: recent };
    }
    const path = join(this.#folder, name);
    try {
      const { size } = await this.#disk.stat(path);
      if (size > maxRecentSize) return { size, body: (start, end) => createReadStream(path, { start, end }) };
      const bytes = await this.#disk.readFile(path);
      if (bytes.length === 0) return undefined; // a machine that stops may leave an empty file
      this.#remember(name, bytes);
      return { size: bytes.length, body: bytes };
    } catch {
      return undefined;
    }
  }

  #remember(name: string, bytes: Buffer): void {
    if (bytes.length > maxRecentSize || this.#recent.has(name)) return;
    this.#recent.set(name, bytes);
    this.#recentBytes += bytes.length;
    for (const [oldest, { length }] of this.#recent) {
      if (this.#recentBytes <= maxRecent) break;
      this.#recent.delete(oldest);
      this.#recentBytes -= length;
    }
  }

  /** @returns whether it is kept: a full disk is no reason to show nothing */
  async keep(name: string, bytes: Buffer): Promise<boolean> {
    if (bytes.length > this.#maxBytes) return false;
    const beside = join(this.#folder, `${name}.${randomUUID()}.part`);
    try {
      await this.#disk.writeFile(beside, bytes, { flag: 'wx', mode: 0o600 });
      await this.#disk.rename(beside, join(this.#folder, name));
    } catch {
      await this.#disk.unlink(beside).catch(() => {});
      return false;
    }
    this.#addedMeanwhile += bytes.length;
    if (this.#total !== undefined) this.#total += bytes.length;
    // The first may have begun before this picture was there.
    for (let turn = 0; turn < 2 && !(this.#total! <= this.#maxBytes); turn++) await this.#makeRoom();
    return true;
  }

  #makeRoom(): Promise<void> {
    this.#clearing ??= this.#clear()
      .catch(() => {}) // a folder that is gone has room
      .finally(() => {
        this.#clearing = undefined;
      });
    return this.#clearing;
  }

  /** Removes halves, and the oldest pictures where there are too many. */
  async #clear(): Promise<void> {
    const kept: Kept[] = [];
    this.#addedMeanwhile = 0;
    for (const name of await this.#disk.readdir(this.#folder)) {
      const path = join(this.#folder, name);
      const stats = await this.#disk.stat(path).catch(() => undefined);
      if (stats === undefined) continue;
      if (name.endsWith('.part')) {
        if (Date.now() - stats.mtimeMs > longestWrite) await this.#remove(path);
      } else kept.push({ path, size: stats.size, madeAt: stats.mtimeMs });
    }
    let total = kept.reduce((sum, { size }) => sum + size, 0);
    if (total > this.#maxBytes) {
      for (const { path, size } of kept.sort((a, b) => a.madeAt - b.madeAt)) {
        if (total <= this.#maxBytes * keptShare) break;
        await this.#remove(path);
        total -= size;
      }
    }
    this.#total = total + this.#addedMeanwhile;
  }

  async #remove(path: string): Promise<void> {
    await this.#disk.unlink(path).catch(() => {});
  }
}

/**
 * Makes a folder that is this user's alone, or takes one that is.
 * @returns what is wrong with the one that is there; undefined if it may be used
 */
export function privateFolder(path: string): string | undefined {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const stats = lstatSync(path);
    if (!stats.isDirectory()) return 'is no folder, or a link to one';
    const user = process.getuid?.();
    if (user === undefined) return undefined; // Windows has no modes
    if (stats.uid !== user) return 'belongs to somebody else';
    return (stats.mode & 0o077) === 0 ? undefined : 'is open to other users: chmod 700 closes it';
  } catch {
    return 'cannot be made';
  }
}

/**
 * Chooses the folder: that of the option, or one of this user's among the temporary files.
 * @param onNotKept - called if that one belongs to somebody else, and nothing is kept
 * @throws ImageSignerError INVALID_OPTION
 */
export function keptPictures(
  { root, keptIn, keptBytes }: DeliveryConfiguration,
  disk: KeepingDisk | undefined,
  onNotKept: () => void,
): KeptPictures | undefined {
  if (keptIn === false) return undefined;
  const own = join(
    tmpdir(),
    `image-signer-${process.getuid?.() ?? 'user'}-${hashHex('sha256', root).slice(0, 16)}`,
  );
  const folder = keptIn ?? own;
  const problem = privateFolder(folder);
  if (problem === undefined) return new KeptPictures(folder, keptBytes, disk);
  if (keptIn !== undefined)
    throw invalidOption(
      'cacheDirectory',
      `expected a folder that is this user's alone, got one that ${problem}. Whoever writes into it chooses what the site shows.`,
    );
  onNotKept();
  return undefined;
}
