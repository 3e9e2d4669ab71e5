/** What the oracles of stores sign: each makes a URL of it with the vendor's own library. */

export interface Asset {
  /** The object's name in the store, decoded: `uploads/caf\u00e9 #1.jpg`. */
  readonly name: string;
  /** Decoded, in the order in which they stand in the URL. */
  readonly parameters?: readonly (readonly [name: string, value: string])[];
  /** Unix seconds. */
  readonly exp: number;
  /** Unix seconds. */
  readonly issuedAt: number;
}
