/** nginx's `secure_link`, as its page computes a token: the variables' values in the place of their names, and MD5. */
import { createHash } from 'node:crypto';

/**
 * @param expression - as `secure_link_md5` has it, with `$key` for the secret
 * @param uri - decoded and normalized, as `$uri` is
 */
export function nginxToken(
  expression: string,
  { uri, exp, key }: { readonly uri: string; readonly exp: number; readonly key: string },
): string {
  const values: Readonly<Record<string, string>> = { uri, key, secure_link_expires: String(exp) };
  const text = expression.replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (_whole, braced: string, bare: string) => {
    const value = values[braced ?? bare];
    if (value === undefined) throw new Error(`No value for the variable ${braced ?? bare}.`);
    return value;
  });
  return createHash('md5').update(text).digest('base64url');
}
