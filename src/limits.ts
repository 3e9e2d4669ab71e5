/** Bounds that hold in every grammar. */

/**
 * The longest tag, CSS token or JSON string that is held back; a longer one passes on as it came. It is a property
 * of the token, not of the chunks that it came in: otherwise the chunking of a page would change the result.
 */
export const maxHeldBytes: number = 64 * 1024;
