/** Measures what a response holds back, without looking inside: all that has come, less all that has gone out. */
import { imageSigner } from '../../src/fetch.ts';
import { base, type Options, signerWith } from './samples.ts';

/** Options under which every page is read to its end, and none is changed: the variant of no image is allowed. */
export const unsigned: Options = Object.assign({}, base, { variants: ['of-no-image'] });

export const pieceSizes: readonly number[] = [7, 1_000, 4_096, 16_384, 65_536, 1 << 20];

/** @returns the most bytes that were held back after a piece of the page had been written */
export function heldBy(page: Uint8Array, pieceSize: number): number {
  const rewriter = signerWith(unsigned).htmlRewriter();
  let most = 0;
  let out = 0;
  for (let at = 0; at < page.length; at += pieceSize) {
    const piece = page.subarray(at, at + pieceSize);
    out += rewriter.write(piece).length;
    most = Math.max(most, at + piece.length - out);
  }
  out += rewriter.end().length;
  if (out !== page.length) throw new Error(`${page.length} bytes came, and ${out} went out`);
  return most;
}

/** The same of a body of JSON, which is rewritten over fetch, but for two pieces: those may be on their way. */
export async function heldByJson(body: Uint8Array, pieceSize: number): Promise<number> {
  let most = 0;
  let given = 0;
  let out = 0;
  const source = new ReadableStream(
    {
      pull(controller) {
        most = Math.max(most, given - out - 2 * pieceSize);
        const piece = body.subarray(given, given + pieceSize);
        given += piece.length;
        if (piece.length > 0) controller.enqueue(new Uint8Array(piece));
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  const sign = imageSigner({ ...unsigned, rewrite: { json: true } } as never);
  const headers = { 'content-type': 'application/json' };
  const response = await sign(new Request('https://shop.example/'), () => new Response(source, { headers }));
  for await (const chunk of response.body!) out += chunk.length;
  if (out !== body.length) throw new Error(`${body.length} bytes came, and ${out} went out`);
  return most;
}
