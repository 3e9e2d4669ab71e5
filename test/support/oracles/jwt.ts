/** A JSON Web Token, by `jsonwebtoken`. */
import jsonwebtoken from 'jsonwebtoken';

export const jwtSecret = 'a-secret-that-nobody-else-has-and-that-is-long-enough';

/** @param claims - all but `exp`, in the order in which they are written */
export function signJwt(
  claims: Readonly<Record<string, unknown>>,
  exp: number,
  secret: string = jwtSecret,
): string {
  return jsonwebtoken.sign({ ...claims, exp }, secret, { algorithm: 'HS256', noTimestamp: true });
}
