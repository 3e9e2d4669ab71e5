/** One line of text for what cannot be shown; no cache keeps it. */
export function plainAnswer(status: number, line: string): Response {
  return new Response(`${line}\n`, {
    status,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' },
  });
}
