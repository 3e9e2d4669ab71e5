/** What the runtime of Workers has itself. */
declare module 'cloudflare:node' {
  export function httpServerHandler(options: { readonly port: number }): object;
}
