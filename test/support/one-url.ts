/** Where a value may be a URL or a text: a second implementation, character by character, of what the package asks. */

/** Whether a value has none of the characters that only a text has. */
export function mayBeUrl(value: string): boolean {
  return [...value].every((character) => {
    const code = character.codePointAt(0)!;
    return code > 0x20 && !(code >= 0x7f && code <= 0x9f) && !/[\s<>"`]/.test(character);
  });
}

/** Marks a value that is not to change: no URL looks like this. */
export function asText(value: string): string {
  return `text: ${value}`;
}

/**
 * Marks a value in a script that may stay: whether it does, its source decides, in which a `<` or `>` stands bare or is
 * escaped.
 */
export function asMarkup(value: string): string {
  return `in a script: ${value}`;
}

/** @returns undefined for a value without the mark */
export function ofMarkup(value: string): string | undefined {
  return value.startsWith('in a script: ') ? value.slice('in a script: '.length) : undefined;
}

/** The value without the white space that a browser takes off an attribute. */
export function trimmed(value: string): string {
  return value.replace(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, '');
}
