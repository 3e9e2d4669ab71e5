/** A mistake in how the command is called, or in a file that it is given. The program tells it in one line, and exits with 2. */
export class Mistake extends Error {
  override readonly name = 'Mistake';
}
