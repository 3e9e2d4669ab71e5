/** All sites, by name: the same answers, and what each mounts before them. */
import type { DeliveryImage } from '../../../src/schemes/cloudflare-images/scheme.ts';
import type { CreateSite, Site, Tools } from '../site.ts';
import { answersOf, optionsOf } from './answers.ts';
import { routesOf } from './routes.ts';
import { views } from './views.ts';

/** A site with one middleware, and these options. */
function signing(
  options: (tools: Tools) => object = () => ({}),
  more: Omit<Partial<Site>, 'answer'> = {},
): CreateSite {
  return mounting((tools) => ({ signers: [optionsOf(tools, options(tools))], ...more }));
}

/** A site whose images stand behind the guard. */
function guarding(options: object = {}): CreateSite {
  return mounting((tools) => {
    const { at, options: own } = tools.store.guarded!;
    return { guard: optionsOf(tools, { ...own, ...options }), guardAt: at };
  });
}

function mounting(mounts: (tools: Tools) => Omit<Site, 'answer'>): CreateSite {
  return (tools) => ({ ...mounts(tools), views, answer: answersOf(routesOf(tools)) });
}

const isMember = ({ headerOf }: Tools, viewer: unknown): boolean => headerOf(viewer, 'x-member') === 'yes';

const memberOnly = (tools: Tools) => async (_image: unknown, viewer: unknown) => {
  await Promise.resolve();
  if (tools.headerOf(viewer, 'x-member') === 'unknown') throw new Error('no answer');
  if (tools.headerOf(viewer, 'x-member') === 'nearly') return 1;
  return isMember(tools, viewer);
};
const names = ['thumb', 'card', 'preview'];

export type SiteName =
  | 'plain'
  | 'pages'
  | 'with-json'
  | 'with-events'
  | 'html-off'
  | 'helpers-only'
  | 'links-off'
  | 'one-account'
  | 'all-public'
  | 'attributes'
  | 'plain-with-tags'
  | 'with-tags'
  | 'compressed-before'
  | 'compressed-after'
  | 'twice'
  | 'twice-otherwise'
  | 'skipping'
  | 'skipping-wrongly'
  | 'locations'
  | 'skipping-locations'
  | 'personal'
  | 'denied'
  | 'answering-later'
  | 'throwing'
  | 'view-data'
  | 'stored'
  | 'stored-and-personal'
  | 'guarded'
  | 'guarded-lightly'
  | 'endpoint'
  | 'endpoint-for-others';

export const sites: Readonly<Record<SiteName, CreateSite>> = {
  /** Without us. */
  plain: mounting(() => ({})),
  pages: signing(),
  'with-json': signing(() => ({ rewrite: { json: true } })),
  'with-events': signing(() => ({ rewrite: { json: true, events: 'html' } })),
  'html-off': signing(() => ({ rewrite: { html: false, json: true } })),
  'helpers-only': signing(() => ({ rewrite: false })),
  'links-off': signing(() => ({ rewrite: { headers: false } })),
  'one-account': signing(() => ({ accountHash: 'another-account' })),
  'all-public': signing(() => ({
    variants: Object.fromEntries(names.map((name) => [name, { alwaysPublic: true }])),
  })),
  attributes: signing(() => ({ attributes: { hero: 'url' } })),
  'plain-with-tags': mounting(() => ({ tags: true })),
  'with-tags': signing(() => ({}), { tags: true }),
  'compressed-before': signing(() => ({}), { compress: 'before' }),
  'compressed-after': signing(() => ({}), { compress: 'after' }),
  twice: mounting((tools) => {
    const options = optionsOf(tools);
    return { signers: [options, options] };
  }),
  'twice-otherwise': mounting((tools) => ({
    signers: [optionsOf(tools), optionsOf(tools, { variants: ['card'] })],
  })),
  skipping: signing((tools) => ({ skip: (viewer: unknown) => isMember(tools, viewer) })),
  locations: signing(() => ({ rewrite: { location: true } })),
  'skipping-locations': signing((tools) => ({
    rewrite: { location: true },
    skip: (viewer: unknown) => isMember(tools, viewer),
  })),
  'skipping-wrongly': signing(() => ({ skip: () => Promise.resolve(true) })),
  personal: signing((tools) => ({
    authorize: (image: DeliveryImage, viewer: unknown) => {
      tools.tell(`asked ${tools.store.sizeOf(image)}`);
      return isMember(tools, viewer);
    },
  })),
  denied: signing((tools) => ({
    authorize: (_image: unknown, viewer: unknown) => isMember(tools, viewer),
    deniedVariant: 'preview',
  })),
  'answering-later': signing(() => ({ authorize: () => Promise.resolve(true) })),
  throwing: signing(() => ({
    authorize: () => {
      throw new Error('no');
    },
  })),
  'view-data': signing(() => ({ rewrite: { locals: true } })),
  stored: signing(({ store }) => ({ ...store.stored.options, rewrite: { json: true } })),
  'stored-and-personal': signing((tools) => ({
    ...tools.store.stored.options,
    authorize: (image: DeliveryImage, viewer: unknown) => {
      tools.tell(image.url);
      return isMember(tools, viewer);
    },
  })),
  guarded: guarding(),
  'guarded-lightly': guarding({ mode: 'report' }),
  endpoint: mounting((tools) => ({
    endpoint: optionsOf(tools, { ...tools.store.limits, authorize: memberOnly(tools) }),
    signers: [optionsOf(tools)],
  })),
  'endpoint-for-others': mounting((tools) => ({
    endpoint: optionsOf(tools, { authorize: () => true, origins: ['https://shop.example'] }),
  })),
};
