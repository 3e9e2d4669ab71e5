/** The whole of `client.global.js`, which a page loads by `<script src>`: it starts itself. */
import { keepImagesFresh } from './keep-images-fresh.ts';

// Set while a classic script runs, also with `async` and `defer`; null in a module, which then has the defaults.
// A stranger's `<img name="currentScript" data-endpoint>` stands before the property of the document.
const { endpoint, margin }: DOMStringMap =
  Reflect.get(Document.prototype, 'currentScript', document)?.dataset ?? {};
// What is no number of seconds counts as left out: as a margin, NaN would renew nothing.
keepImagesFresh({ endpoint, margin: +margin! || undefined });
