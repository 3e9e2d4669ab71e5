/** Checked by the compiler alone: what Koa users write has a type, and what is wrong has none. */
import { createSigner as createPortableSigner } from 'image-signer/fetch';
import { createSigner, imageGuard, imageSigner, type SignerOptions, signingEndpoint } from 'image-signer/koa';
import Koa from 'koa';
import mount from 'koa-mount';

const own = { key: 'k', ttl: '1d', variants: ['thumb'] } as const;
const app = new Koa();
app.use(imageSigner({ key: process.env['IMAGES_KEY'], ttl: '1d', variants: ['thumb', 'card'] }));
app.use(mount('/images', imageGuard({ key: ['k', 'old'], ttl: '1d', variants: ['thumb'], mode: 'report' })));
app.use((ctx) => {
  const signed: string = ctx.signImage('id', 'thumb', { ttl: '1h' });
  const srcset: string = ctx.signSrcset('id', { thumb: '1x' });
  const { cover }: { cover: string } = ctx.signData({ cover: 'x' }, { authorize: false });
  ctx.body = signed + srcset + cover;
  ctx.state.signImage?.(null);
  ctx.state.signSrcset?.(null);
  const id: string | undefined = ctx.state.signedImage?.image.id;
  ctx.state['title'] = id;
  // @ts-expect-error a number is no image
  ctx.signImage(1);
  // @ts-expect-error nor are there other options
  ctx.signImage('id', 'thumb', { ttl: '1h', variant: 'thumb' });
});

// An app with a state and a context of its own.
interface State {
  user: { mayView(id: string): boolean };
}
interface Session {
  session: { user: string };
}
const typed = new Koa<State, Session>();
typed.use(imageSigner({ ...own }));
typed.use(imageGuard({ ...own }));
typed.use((ctx) => {
  ctx.body = ctx.session.user;
});

// authorize and skip take the context, the app's own as well.
const signer = createSigner({
  key: 'k',
  ttl: '1d',
  variants: { thumb: {}, preview: { alwaysPublic: true } },
  authorize: (image, ctx) => ctx.cookies.get('user') === image.id,
  deniedVariant: 'preview',
});
imageSigner({
  signer,
  authorize: (image, ctx: Koa.ParameterizedContext<State>) => ctx.state.user.mayView(image.id),
  skip: (ctx) => ctx.path === '/x' || ctx.headerSent,
  rewrite: { locals: true },
  attributes: { 'data-hero': 'url' },
});
signingEndpoint({ signer, path: '/sign', origins: 'https://shop.example' });
signingEndpoint({ ...own, authorize: async (image, ctx) => ctx.cookies.get('user') === image.id });
const options: SignerOptions<'thumb'> = { ...own };
imageSigner(options);
signer.signImage('id', 'preview');
signer.htmlStream();
// Whichever entry has made the signer.
imageSigner({ signer: createPortableSigner({ ...own }) });
// @ts-expect-error an option of the middleware
imageGuard({ ...own, rewrite: false });
// @ts-expect-error the context has no such method
imageSigner({ signer, skip: (ctx) => ctx.cookies.nothing() });
