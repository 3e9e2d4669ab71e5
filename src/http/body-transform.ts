/** What is done to a body, as the interception knows it: bytes in, bytes out; synchronous. */
export interface BodyTransform {
  /** What is held back comes with a later chunk, or at the end. */
  write(chunk: Uint8Array): Uint8Array;
  /** @param last - the last chunk, if there is one */
  end(last?: Uint8Array): Uint8Array;
  /** The same for a body that is there as text, all of it; left out where that would save nothing. */
  endText?(text: string): string;
}
