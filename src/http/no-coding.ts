/** Values of `Content-Encoding` that say that a body is not encoded. */

/**
 * `none` is no registered coding. GraphQL Yoga, graphql-sse and many examples of event streams set it, so that nothing on the
 * way encodes them, and clients read such a body as it is.
 * @param name - in lower case, without spaces around it
 */
export function isNoCoding(name: string): boolean {
  return name === '' || name === 'identity' || name === 'none';
}
