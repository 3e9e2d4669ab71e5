/** Changes a body on its way out: bytes in, bytes out; synchronous. */
export interface BodyTransform {
  /** @returns what is ready; the rest follows with a later chunk, or at the end */
  write(chunk: Uint8Array): Uint8Array;
  /** @param last - the last chunk. A body that arrives in it as a whole is never held back. */
  end(last?: Uint8Array): Uint8Array;
  /** Like `end`, for a whole body as text. Missing if that would not save an encoding. */
  endText?(text: string): string;
}
