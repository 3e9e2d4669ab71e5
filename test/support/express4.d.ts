/** Express 4 under a name of its own; the types of version 5 say what tests need of it. */
declare module 'express4' {
  import express from 'express';
  export default express;
}
