/**
 * Gets the picture of an original in a variant: from memory, or made once for all who ask. Without sharp, and for an SVG, it is
 * the original, but never for a public variant that hides some of it.
 */
import { BoundedCache } from '../bounded-cache.ts';
import type { PicturePolicy } from '../schemes/definition.ts';
import { hashHex } from '../signing/digests.ts';
import { version } from '../version.ts';
import type { Representation } from './answer.ts';
import { type MakingFailure, planPicture, type SharpLibrary } from './make-picture.ts';
import { openOriginal, readOriginal, streamOriginal } from './open-original.ts';
import type { Limits } from './options.ts';
import type { Original } from './picture-folder.ts';
import {
  chooseKind,
  formOf,
  headLength,
  mediaTypeOf,
  type PictureForm,
  type PictureKind,
  type RasterKind,
} from './picture-kind.ts';
import { heldOf } from './picture-memory.ts';
import { busy, type Client, Workshop } from './workshop.ts';

/** libvips uses all cores for one picture: more at a time would take memory, and save no time. */
const maxMaking = 4;
/**
 * A picture that needs more than this fraction of the memory is made alone: glibc keeps what a thread has freed, so large
 * pictures at the same time would add up.
 */
const aloneFrom = 16;
/** A page of images may ask for all of them at once. */
const maxWaiting = 100;
/** In bytes: the original is in memory while its picture is made. */
const maxOriginal = 128 * 1024 * 1024;
/** How many originals' kinds are remembered. */
const maxForms = 10_000;
/** How many failures are remembered: finding out again may take seconds. */
const maxFailures = 1_000;
/** In milliseconds. Not for ever: the cause may have been a lack of memory. */
const failureLife = 60_000;
/** In bytes, added for every kept picture: it bounds the number of small ones. */
const keptEntry = 1_024;

export type Picture = Representation & {
  readonly kind: PictureKind;
  /** Whether it depends on `Accept`. */
  readonly isNegotiated: boolean;
};

export type PictureFailure = MakingFailure | 'not-found' | 'busy' | 'original-only';

export class Pictures {
  readonly #limits: Limits;
  readonly #sharp: Promise<SharpLibrary | undefined> | undefined;
  readonly #now: () => number;
  readonly #workshop: Workshop<Buffer | MakingFailure | 'not-found'>;
  /** By original: its form; null for anything but an image. */
  readonly #forms: BoundedCache<PictureForm | null> = new BoundedCache(maxForms);
  /** By tag, as the failures are. */
  readonly #kept: BoundedCache<Buffer>;
  readonly #failures: BoundedCache<{ readonly failure: MakingFailure; readonly until: number }> =
    new BoundedCache(maxFailures);

  /**
   * @param sharp - undefined if no variant differs from its original
   * @param now - in milliseconds
   */
  constructor(limits: Limits, sharp: Promise<SharpLibrary | undefined> | undefined, now: () => number) {
    this.#limits = limits;
    this.#sharp = sharp;
    this.#now = now;
    this.#workshop = new Workshop(maxMaking, maxWaiting, limits.memory);
    this.#kept = new BoundedCache(limits.cache, (_, picture) => picture.length + keptEntry);
  }

  /**
   * @param policy - undefined for the original
   * @param isOpen - whether the variant needs no token. Then the original is never sent instead: it would show everybody what the
   *   variant hides by blur, size or missing metadata
   * @param client - closed when the client has left
   */
  async get(
    original: Original,
    policy: PicturePolicy | undefined,
    isOpen: boolean,
    accept: string | undefined,
    client: Client,
  ): Promise<Picture | PictureFailure> {
    const form = await this.#form(original);
    if (form === null) return 'not-found';
    const isSvg = form.kind === 'svg';
    const sharp = policy === undefined || isSvg ? undefined : await this.#sharp;
    if (policy === undefined || sharp === undefined) {
      // A smaller SVG shows as much. A blurred one does not.
      const showsLess = policy !== undefined && (!isSvg || policy.blur !== undefined);
      return isOpen && showsLess ? 'original-only' : originalPicture(original, form);
    }
    const kind = chooseKind(accept, form) as RasterKind; // the original isn't an SVG
    const etag = tagOf(original, kind, policy, version, sharp.versions);
    const made =
      this.#kept.get(etag) ?? (await this.#make(original, form, kind, policy, etag, sharp, client));
    // The original's kind most likely takes less memory.
    if (made === 'too-large' && kind !== form.kind)
      return this.get(original, policy, isOpen, undefined, client);
    if (typeof made === 'string') return made;
    const { modifiedAt } = original;
    return {
      kind,
      isNegotiated: true,
      type: mediaTypeOf(kind),
      size: made.length,
      etag,
      modifiedAt,
      body: made,
    };
  }

  async #make(
    original: Original,
    form: PictureForm,
    kind: RasterKind,
    policy: PicturePolicy,
    etag: string,
    sharp: SharpLibrary,
    client: Client,
  ): Promise<Buffer | PictureFailure> {
    const limits = this.#limits;
    const held = original.size * heldOf[form.kind as RasterKind];
    if (original.size > maxOriginal || held > limits.memory) return 'too-large';
    const known = this.#failures.get(etag);
    if (known !== undefined && this.#now() < known.until) return known.failure;
    const made = await this.#workshop.do(etag, client, {
      memory: held,
      prepare: async () => {
        const bytes = await readOriginal(original).catch(() => undefined);
        const plan =
          bytes === undefined
            ? 'not-found' // gone since
            : await planPicture(sharp, bytes, form.kind as RasterKind, kind, policy, limits);
        if (typeof plan === 'string') return { memory: 0, run: async () => plan };
        const run = async (): Promise<Buffer | MakingFailure> => {
          const picture = await plan.run();
          if (typeof picture !== 'string') this.#kept.set(etag, picture);
          return picture;
        };
        return { memory: plan.memory > limits.memory / aloneFrom ? limits.memory : plan.memory, run };
      },
    });
    if (made === 'broken' || made === 'too-large')
      this.#failures.set(etag, { failure: made, until: this.#now() + failureLife });
    return made === busy ? 'busy' : made;
  }

  async #form(original: Original): Promise<PictureForm | null> {
    const identity = identityOf(original);
    const known = this.#forms.get(identity);
    if (known !== undefined) return known;
    const file = await openOriginal(original).catch(() => undefined);
    if (file === undefined) return null; // gone, or not readable
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(headLength), 0, headLength, 0);
      const form = formOf(buffer.subarray(0, bytesRead)) ?? null;
      this.#forms.set(identity, form);
      return form;
    } finally {
      await file.close();
    }
  }
}

function originalPicture(original: Original, { kind }: PictureForm): Picture {
  const tag = tagOf(original);
  return {
    kind,
    isNegotiated: false,
    type: mediaTypeOf(kind),
    size: original.size,
    etag: kind === 'svg' ? `W/${tag}` : tag,
    modifiedAt: original.modifiedAt,
    body: (start, end) => streamOriginal(original, start, end),
  };
}

function identityOf({ file, size, modifiedAt, changedAt }: Original): string {
  return JSON.stringify([file, size, modifiedAt, changedAt]);
}

/** @param steps - everything but the original that determines a picture's bytes */
function tagOf(original: Original, ...steps: readonly unknown[]): string {
  return `"${hashHex('sha256', identityOf(original) + JSON.stringify(steps)).slice(0, 32)}"`;
}
