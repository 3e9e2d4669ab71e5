/** An error as one line of text, which no cache stores. */
export function plainAnswer(status: number, line: string): Response {
  return new Response(`${line}\n`, {
    status,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' },
  });
}
