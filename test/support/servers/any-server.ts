/** One app that answers in one piece, behind the middleware of each adapter: what it sends, and what goes out. */
import { imageSigner } from '../../../src/index.ts';
import { askedOf, readable } from '../../conformance/drivers/driver.ts';
import { type Listening, listeners } from '../../conformance/drivers/listeners.ts';
import type { Body } from '../../conformance/site.ts';
import { type RawRequest, type RawResponse, send } from '../http/raw.ts';
import { frameworks, withSite } from './frameworks.ts';

export type SignImage = (image: string, variant?: string, options?: object) => string;

export type App = (
  signImage: SignImage,
  header: (name: string) => string | undefined,
) => { readonly status?: number; readonly headers: Readonly<Record<string, string>>; readonly body: Body };

export type Ask = (request?: RawRequest) => Promise<RawResponse>;

export interface AnyServer {
  readonly name: string;
  build(options: object, app: App): Ask;
}

/** Where a handler writes by itself, all at once: the headers wait for the body. */
const bare = frameworks
  .filter(({ isExpress }) => !isExpress)
  .map(({ name, build }): Listening => {
    const handle = ({ signers = [], answer }: Parameters<Listening['build']>[0]) =>
      build([imageSigner(signers[0] as never)], (request, response) => {
        const { status = 200, headers = {}, body } = answer(askedOf(request));
        response.statusCode = status;
        for (const [field, value] of Object.entries(headers)) response.setHeader(field, value);
        if (body !== null && typeof body === 'object' && 'source' in body) readable(body).pipe(response);
        else response.end(body ?? undefined);
      });
    return { name, build: handle };
  });
const others = listeners.filter(({ name }) => !['node:http', 'Connect'].includes(name));

export const servers: readonly AnyServer[] = [...bare, ...others].map(({ name, build }) => ({
  name,
  build(options, app) {
    const answer = ({ signImage, header }: ReturnType<typeof askedOf>) => app(signImage as SignImage, header);
    const listener = build({ signers: [options], answer });
    return async (request) => withSite(await listener, (port) => send(port, '/', request));
  },
}));
