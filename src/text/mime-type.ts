/** MIME types as the MIME Sniffing standard reads them. */

/** A type without its parameters, in lower case. */
export function essenceOf(type: string): string {
  const end = type.indexOf(';');
  return (end < 0 ? type : type.slice(0, end)).trim().toLowerCase();
}

/** The standard's "JSON MIME type". @param essence - as `essenceOf` gives it */
export function isJsonType(essence: string): boolean {
  if (essence === 'application/json' || essence === 'text/json') return true;
  return /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+\+json$/.test(essence);
}
