/**
 * The picture of an original in a variant: from the disk if it was made before, otherwise made, once however many ask. Without
 * sharp, and of an SVG, it is the original, which those who need no token do not get in the place of what hides some of it.
 */
import { promises } from 'node:fs';
import { BoundedCache } from '../bounded-cache.ts';
import type { PicturePolicy } from '../schemes/definition.ts';
import { hashHex } from '../signing/digests.ts';
import { version } from '../version.ts';
import { chooseKind } from './accept.ts';
import type { Representation } from './answer.ts';
import type { KeptPictures } from './kept-pictures.ts';
import { type MakingFailure, planPicture, type SharpLibrary } from './make-picture.ts';
import { openOriginal, readOriginal, streamOriginal } from './open-original.ts';
import type { Limits } from './options.ts';
import type { Original } from './picture-folder.ts';
import {
  formOf,
  headLength,
  mediaTypes,
  type PictureForm,
  type PictureKind,
  type RasterKind,
} from './picture-kind.ts';
import { heldOf } from './picture-memory.ts';
import { busy, type Work, Workshop } from './workshop.ts';

/** libvips uses all cores for one picture; more at once take memory, and no less time. */
const maxMaking = 4;
/**
 * What takes more than this part of the memory is made alone: glibc keeps what each thread has freed, so that large pictures that
 * were made at once would add up.
 */
const aloneFrom = 16;
/** A page of images may ask for all of them at once. */
const maxWaiting = 100;
/** In bytes: an original is held in memory while its picture is made. */
const maxOriginal = 128 * 1024 * 1024;
/** How many originals it is remembered of what they are. */
const maxForms = 10_000;
/** How many pictures it is remembered of that they cannot be made, which may take seconds to find out. */
const maxFailures = 1_000;
/** In milliseconds: a picture may have failed for lack of memory. */
const failureLife = 60_000;

export type Picture = Representation & {
  readonly kind: PictureKind;
  /** Whether it depends on `Accept`. */
  readonly isNegotiated: boolean;
};

export type PictureFailure = MakingFailure | 'not-found' | 'busy' | 'original-only';

export interface PictureSources {
  readonly root: string;
  readonly limits: Limits;
  /** In milliseconds. */
  now(): number;
  /** Undefined if nothing is kept. */
  readonly kept: KeptPictures | undefined;
  /** @returns undefined without sharp */
  loadSharp(): Promise<SharpLibrary | undefined>;
  /** Called when a picture was made that could not be kept. */
  onNotKept(): void;
  /** Called when a picture cannot be made. */
  onNoSharp(): void;
}

export class Pictures {
  readonly #sources: PictureSources;
  readonly #workshop: Workshop<Buffer | MakingFailure>;
  /** By original, what it is; null for what is no image. */
  readonly #forms: Map<string, PictureForm | null> = new Map();
  /** By the name of the picture. */
  readonly #failures: BoundedCache<{ readonly failure: MakingFailure; readonly until: number }> =
    new BoundedCache(maxFailures);
  /** By policy, all that decides the bytes of a picture but the original and the form. */
  readonly #steps: Map<PicturePolicy, string> = new Map();

  constructor(sources: PictureSources) {
    this.#sources = sources;
    this.#workshop = new Workshop(maxMaking, maxWaiting, sources.limits.memory);
  }

  /**
   * @param policy - undefined for the original
   * @param isOpen - whether nobody needs a token for the variant. Such a client gets no original in the place of a picture: what
   *   the variant hides, by its blur, its size or its lack of metadata, would be open to everybody
   * @param left - aborted when the client has left
   */
  async get(
    original: Original,
    policy: PicturePolicy | undefined,
    isOpen: boolean,
    accept: string | undefined,
    left: () => AbortSignal,
  ): Promise<Picture | PictureFailure> {
    const { file, size, modifiedAt, changedAt } = original;
    const identity = JSON.stringify([file, size, modifiedAt, changedAt]);
    const known = this.#forms.get(identity);
    const form = known === undefined ? await this.#form(original, identity) : known;
    if (form === null) return 'not-found';
    if (policy === undefined) return this.#original(original, form, identity);
    if (form.kind === 'svg') {
      // A smaller SVG shows as much. A blurred one does not.
      if (isOpen && policy.blur !== undefined) return 'original-only';
      return this.#original(original, form, identity);
    }
    const sharp = await this.#sources.loadSharp();
    if (sharp === undefined) {
      this.#sources.onNoSharp();
      if (isOpen) return 'original-only';
      return this.#original(original, form, identity);
    }
    const kind = chooseKind(accept, form) as RasterKind; // the original is none
    const name = `${this.#digest(identity, `${kind} ${this.#stepsOf(policy, sharp)}`)}.${kind}`;
    const kept = await this.#sources.kept?.read(name);
    const made = kept ?? (await this.#make(original, form, kind, policy, name, sharp, left()));
    // In the form of the original it takes less memory, most likely.
    if (made === 'too-large' && kind !== form.kind)
      return this.get(original, policy, isOpen, undefined, left);
    if (typeof made === 'string') return made;
    // A client may take its time: what is kept need not stay in memory for it.
    const body = Buffer.isBuffer(made) ? ((await this.#sources.kept?.read(name)) ?? made) : made;
    return {
      kind,
      isNegotiated: true,
      type: mediaTypes[kind],
      etag: `"${name.slice(0, 32)}"`,
      modifiedAt: original.modifiedAt,
      ...(Buffer.isBuffer(body) ? { size: body.length, body } : body),
    };
  }

  async #make(
    original: Original,
    form: PictureForm,
    kind: RasterKind,
    policy: PicturePolicy,
    name: string,
    sharp: SharpLibrary,
    left: AbortSignal,
  ): Promise<Buffer | PictureFailure> {
    const { limits, kept, onNotKept, now } = this.#sources;
    const held = original.size * heldOf[form.kind as RasterKind];
    if (original.size > maxOriginal || held > limits.memory) return 'too-large';
    const known = this.#failures.get(name);
    if (known !== undefined && now() < known.until) return known.failure;
    const fail = (failure: MakingFailure): Work<MakingFailure> => {
      this.#failures.set(name, { failure, until: now() + failureLife });
      return { memory: 0, run: async () => failure };
    };
    const made = await this.#workshop.do(name, left, {
      memory: held,
      prepare: async () => {
        const bytes = await readOriginal(original).catch(() => undefined);
        if (bytes === undefined) return { memory: 0, run: async () => 'broken' }; // gone since
        const plan = await planPicture(sharp, bytes, form.kind as RasterKind, kind, policy, limits);
        if (typeof plan === 'string') return fail(plan);
        const run = async (): Promise<Buffer | MakingFailure> => {
          const picture = await plan.make();
          if (picture === 'broken') return fail(picture).run();
          // What was changed meanwhile would be kept under the name of what it was before.
          if (kept !== undefined && (await isUnchanged(original)) && !(await kept.keep(name, picture)))
            onNotKept();
          return picture;
        };
        return { memory: plan.memory > limits.memory / aloneFrom ? limits.memory : plan.memory, run };
      },
    });
    return made === busy ? 'busy' : made;
  }

  #stepsOf(policy: PicturePolicy, { versions }: SharpLibrary): string {
    const known = this.#steps.get(policy);
    if (known !== undefined) return known;
    const steps = JSON.stringify([policy, version, versions]);
    this.#steps.set(policy, steps);
    return steps;
  }

  #digest(identity: string, steps: string): string {
    return hashHex('sha256', JSON.stringify([this.#sources.root, identity, steps]));
  }

  #original(original: Original, { kind }: PictureForm, identity: string): Picture {
    const tag = `"${this.#digest(identity, 'original').slice(0, 32)}"`;
    return {
      kind,
      isNegotiated: false,
      type: mediaTypes[kind],
      size: original.size,
      etag: kind === 'svg' ? `W/${tag}` : tag,
      modifiedAt: original.modifiedAt,
      body: (start, end) => streamOriginal(original, start, end),
    };
  }

  async #form(original: Original, identity: string): Promise<PictureForm | null> {
    const file = await openOriginal(original).catch(() => undefined);
    if (file === undefined) return null; // not readable, or gone
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(headLength), 0, headLength, 0);
      const form = formOf(buffer.subarray(0, bytesRead)) ?? null;
      const [oldest] = this.#forms.keys();
      if (this.#forms.size >= maxForms) this.#forms.delete(oldest!); // there is one
      this.#forms.set(identity, form);
      return form;
    } finally {
      await file.close();
    }
  }
}

async function isUnchanged({ path, size, changedAt }: Original): Promise<boolean> {
  const stats = await promises.stat(path).catch(() => undefined);
  return stats?.size === size && stats.ctimeMs === changedAt;
}
