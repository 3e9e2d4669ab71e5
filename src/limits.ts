/** Limits that several folders share. */

/**
 * The longest tag, CSS token or JSON string that is held back; a longer one passes unchanged. The limit counts the
 * token's own length, not how much of it has arrived: otherwise the chunking of a page would change the result.
 */
export const maxHeldBytes: number = 64 * 1024;

/**
 * Decoded bytes of an encoded body that are waited for before anything goes out. A shorter body turns out corrupt, if
 * it is, before that, and can still go out as it came.
 */
export const maxHeldContent: number = 64 * 1024;

/** Images that a signer, and one response, remember something about: enough for the largest pages. */
export const maxCachedImages = 10_000;

/** Longer URLs are not cached: otherwise a page full of long URLs could fill the memory. */
export const maxCachedLength = 512;
