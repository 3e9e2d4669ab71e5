/** The servers that `image-signer init` knows: their entry, and the lines for the app. */

export interface Server {
  readonly name: string;
  readonly about: string;
  readonly entry: string;
  /** The package by which a project shows that it uses the server. */
  readonly dependency: string | undefined;
  /** After the imports. */
  readonly use: readonly string[];
}

const use = ['app.use(imageSigner(config)); // before the routes'];

/** In the order of the question. */
export const servers: readonly Server[] = [
  { name: 'express', about: 'Express', entry: 'image-signer', dependency: 'express', use },
  { name: 'koa', about: 'Koa', entry: 'image-signer/koa', dependency: 'koa', use },
  {
    name: 'fastify',
    about: 'Fastify',
    entry: 'image-signer/fastify',
    dependency: 'fastify',
    use: ['app.register(imageSigner, config); // before the routes'],
  },
  { name: 'hono', about: 'Hono', entry: 'image-signer/hono', dependency: 'hono', use },
  {
    name: 'node',
    about: 'node:http, or Connect',
    entry: 'image-signer',
    dependency: undefined,
    use: [
      'const sign = imageSigner(config);',
      'createServer((request, response) => sign(request, response, () => handle(request, response)));',
    ],
  },
  {
    name: 'fetch',
    about: 'a Worker, Bun or Deno',
    entry: 'image-signer/fetch',
    dependency: undefined,
    use: [
      'const sign = imageSigner(config);',
      'export default { fetch: (request) => sign(request, handle) }; // in a Worker, set nodejs_compat for process.env',
    ],
  },
];

/** The server that a project uses, by the dependencies of its `package.json`. */
export function serverOf(dependencies: readonly string[]): Server | undefined {
  return servers.find(({ dependency }) => dependency !== undefined && dependencies.includes(dependency));
}
