/** Koa 2 under a name of its own; its types are those of Koa 3 as far as tests go. */
declare module 'koa2' {
  export { default } from 'koa';
}
