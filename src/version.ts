/** The version of the package: another one may rewrite otherwise, so entity tags are bound to it. */
export const version = '0.1.0';
