/**
 * Template engines, each with the same views in its own way of writing. A view prints an image, and what is in a
 * `title`, which no rewriting of HTML touches.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Eta } from 'eta';
import type express from 'express';
import { engine as handlebars } from 'express-handlebars';
import nunjucks from 'nunjucks';

/**
 * `image`: one image in the variant `variant`, and a `srcset` of the map `candidates`. `brief`: both for
 * five minutes, all written in the view. `decided`: both without `authorize` being asked. `data`: `picture`, by no helper.
 */
export type ViewName = 'image' | 'brief' | 'decided' | 'data';

export interface TemplateEngine {
  readonly name: string;
  readonly extension: string;
  readonly views: Readonly<Record<ViewName, string>>;
  /** A `src` of `null`, as the engine writes it; undefined where it leaves the attribute out. */
  readonly printedNull: string | undefined;
  /** Only for what Express does not load by the extension alone. */
  install?(app: express.Express, folder: string): void;
}

export const templateEngines: readonly TemplateEngine[] = [
  {
    name: 'EJS',
    extension: 'ejs',
    printedNull: '',
    views: {
      image: `<img src="<%= signImage(image, variant) %>" srcset="<%= signSrcset(image, candidates) %>">`,
      brief: `<img src="<%= signImage(image, 'card', { ttl: '5m' }) %>" srcset="<%= signSrcset(image, { thumb: '1x', card: '2x' }, { ttl: '5m' }) %>">`,
      decided: `<img src="<%= signImage(image, 'card', { authorize: false }) %>" srcset="<%= signSrcset(image, { thumb: '1x', card: '2x' }, { authorize: false }) %>">`,
      data: `<p title="<%= picture %>"></p>`,
    },
  },
  {
    name: 'Pug',
    extension: 'pug',
    printedNull: undefined,
    views: {
      image: 'img(src=signImage(image, variant) srcset=signSrcset(image, candidates))',
      brief: `img(src=signImage(image, 'card', { ttl: '5m' }) srcset=signSrcset(image, { thumb: '1x', card: '2x' }, { ttl: '5m' }))`,
      decided: `img(src=signImage(image, 'card', { authorize: false }) srcset=signSrcset(image, { thumb: '1x', card: '2x' }, { authorize: false }))`,
      data: 'p(title=picture)',
    },
  },
  {
    name: 'Nunjucks',
    extension: 'njk',
    printedNull: '',
    views: {
      image: '<img src="{{ signImage(image, variant) }}" srcset="{{ signSrcset(image, candidates) }}">',
      brief: `<img src="{{ signImage(image, 'card', ttl='5m') }}" srcset="{{ signSrcset(image, thumb='1x', card='2x', ttl='5m') }}">`,
      decided: `<img src="{{ signImage(image, 'card', { authorize: false }) }}" srcset="{{ signSrcset(image, { thumb: '1x', card: '2x' }, { authorize: false }) }}">`,
      data: '<p title="{{ picture }}"></p>',
    },
    install: (app, folder) => void nunjucks.configure(folder, { autoescape: true, express: app }),
  },
  {
    name: 'Handlebars',
    extension: 'hbs',
    printedNull: '',
    views: {
      image: '<img src="{{signImage image variant}}" srcset="{{signSrcset image candidates}}">',
      brief: `<img src="{{signImage image "card" ttl="5m"}}" srcset="{{signSrcset image thumb="1x" card="2x" ttl="5m"}}">`,
      decided: `<img src="{{signImage image "card" authorize=false}}" srcset="{{signSrcset image thumb="1x" card="2x" authorize=false}}">`,
      data: '<p title="{{picture}}"></p>',
    },
    install: (app) => void app.engine('hbs', handlebars({ extname: '.hbs', defaultLayout: false })),
  },
  {
    name: 'Eta',
    extension: 'eta',
    printedNull: 'null',
    views: {
      image: `<img src="<%= it.signImage(it.image, it.variant) %>" srcset="<%= it.signSrcset(it.image, it.candidates) %>">`,
      brief: `<img src="<%= it.signImage(it.image, 'card', { ttl: '5m' }) %>" srcset="<%= it.signSrcset(it.image, { thumb: '1x', card: '2x' }, { ttl: '5m' }) %>">`,
      decided: `<img src="<%= it.signImage(it.image, 'card', { authorize: false }) %>" srcset="<%= it.signSrcset(it.image, { thumb: '1x', card: '2x' }, { authorize: false }) %>">`,
      data: `<p title="<%= it.picture %>"></p>`,
    },
    install(app, folder) {
      const eta = new Eta({ views: folder });
      app.engine('eta', (path, data, done) => {
        try {
          done(null, eta.renderString(eta.readFile(path), data));
        } catch (error) {
          done(error);
        }
      });
    },
  },
];

/** Writes all views of all engines, as `<view name>.<extension>`. */
export function writeViews(folder: string): void {
  for (const { extension, views } of templateEngines) {
    for (const [name, text] of Object.entries(views))
      writeFileSync(join(folder, `${name}.${extension}`), text);
  }
}
