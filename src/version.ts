/**
 * The package's version. It is part of every entity tag, since another version may rewrite the same page differently.
 */
export const version = '0.1.0';
