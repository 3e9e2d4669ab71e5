/** Checked by the compiler alone: what users of Workers write has a type, and what is wrong has none. */
import {
  createSigner,
  imageGuard,
  imageSigner,
  type SignerOptions,
  signingEndpoint,
} from 'image-signer/fetch';

const own = { key: 'k', ttl: '1d', variants: ['thumb'] } as const;
const sign = imageSigner({ key: process.env['IMAGES_KEY'], ttl: '1d', variants: ['thumb', 'card'] });
export const worker: { fetch(request: Request): Promise<Response> } = {
  fetch: (request) => sign(request, (asked) => fetch(asked)),
};

// authorize and skip take the request.
const signer = createSigner({
  key: 'k',
  ttl: '1d',
  variants: { thumb: {}, preview: { alwaysPublic: true } },
  authorize: (image, request) => request.headers.get('x-user') === image.id,
  deniedVariant: 'preview',
});
imageSigner({
  signer,
  authorize: (image, request: Request & { cf?: { country: string } }) =>
    request.cf?.country === 'NZ' && image.id !== '',
  skip: (request) => request.url.endsWith('/x'),
  attributes: { 'data-hero': 'url' },
});
void sign(new Request('https://shop.example/'), (_request, { signData }) =>
  Response.json(signData({ cover: 'x' }, { ttl: 60 }).cover satisfies string),
);
signer.signData(['x']) satisfies string[];
const endpoint = signingEndpoint({
  ...own,
  authorize: async (image, request) => request.headers.get('authorization') === image.id,
  path: '/sign',
});
export const answer: Promise<Response> = endpoint(new Request('https://shop.example/sign'));
export const answerOrPage: Promise<Response> = endpoint(
  new Request('https://shop.example/'),
  () => new Response(''),
);
const options: SignerOptions<'thumb'> = { ...own };
imageSigner(options);
signer.signImage('id', 'preview');
// @ts-expect-error there are no Node.js streams here
signer.htmlStream();
// @ts-expect-error the request has no such property
imageSigner({ signer, skip: (request) => request.originalUrl === '/x' });
// @ts-expect-error a handler that gives no response
void sign(new Request('https://shop.example/'), () => 'page');

// The guard's handler gets the images of the schemes that the options name.
const guard = imageGuard({ signer, mode: 'report' });
void guard(new Request('https://shop.example/'), (request, image) => {
  image?.image.variant satisfies string | undefined;
  // @ts-expect-error in report mode there may be none
  void image.path;
  return fetch(request);
});
