/** Limits that several folders share. */

/**
 * The longest tag, CSS token, JSON string or event that a rewriter buffers; a longer one passes through unchanged. A complete
 * token that is longer passes through as well: otherwise the result would depend on how the page is cut into chunks.
 */
export const maxHeldBytes: number = 64 * 1024;

/**
 * How many decoded bytes of an encoded body are buffered before the first one is sent. If a shorter body is corrupt,
 * the decoder fails before that, and the original bytes can still be sent.
 */
export const maxHeldContent: number = 64 * 1024;

/**
 * The memory of all decoders and encoders of a middleware's open pages, in bytes: about 2,000 pages in gzip, or 500 in Brotli. A
 * process that serves a page per millisecond has 2,000 open pages if each takes two seconds. Only clients that hold pages open cause
 * more.
 */
export const maxTranscodingMemory: number = 256 * 1024 * 1024;

/** How many images a signer's cache, and that of one response, holds: enough for the largest pages. */
export const maxCachedImages = 10_000;

/** Longer URLs, in characters, are not cached: otherwise a page full of long URLs could fill the memory. */
export const maxCachedLength = 512;

/**
 * The longest JSON string that is read as HTML, JSON or Markdown in a whole body. In a streamed body, the limit is `maxHeldBytes`.
 */
export const maxFieldBytes: number = 1024 * 1024;

/**
 * Node.js refuses a request whose header section is longer than 16 KiB (`http.maxHeaderSize`), and nginx a request line of
 * more than 8 KiB (`large_client_header_buffers`): a browser could not load a longer URL.
 */
export const maxUrlLength = 16_384;
