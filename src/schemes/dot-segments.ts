/** Segments that lead out of a folder, as servers read them. It knows no scheme. */

/**
 * Whether a segment of the path is `.` or `..`, percent-encoded or not, also with parameters behind it: servlet containers
 * drop what follows a `;`, and resolve `uploads/..;/private/a.jpg` as `private/a.jpg`.
 */
export function hasDotSegment(path: string): boolean {
  // Usually no segment begins like one, and this is faster than the expression.
  if (!/^[.%]/.test(path) && !path.includes('/.') && !path.includes('/%')) return false;
  return /(?:^|\/)(?:\.|%(?:u00)?2e){1,2}(?:;|%3b|\/|$)/i.test(path);
}
