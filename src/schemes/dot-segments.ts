/** Segments that lead out of a folder, as servers read them. It knows no scheme. */

/**
 * Whether a segment of the path is `.` or `..`, percent-encoded or not, also with something behind it that servers drop.
 * Servlet containers drop what follows a `;`, and resolve `uploads/..;/private/a.jpg` as `private/a.jpg`. To a server that
 * parses a decoded path as a URL, `..?` and `..#` end with a dot segment.
 */
export function hasDotSegment(path: string): boolean {
  // Usually no segment begins like one, and this is faster than the expression.
  if (!/^[.%]/.test(path) && !path.includes('/.') && !path.includes('/%')) return false;
  return /(?:^|\/)(?:\.|%(?:u00)?2e){1,2}(?:[;?#]|%3b|%3f|%23|\/|$)/i.test(path);
}
