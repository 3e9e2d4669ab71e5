/** The entry of `client.global.js`, which a page loads with `<script src>`. It starts automatically. */
import { keepImagesFresh } from './keep-images-fresh.ts';

// Set while a classic script runs, also with `async` and `defer`; null in a module, which then uses the defaults.
// A stranger's `<img name="currentScript" data-endpoint>` would shadow the document's property.
const { endpoint, margin }: DOMStringMap =
  Reflect.get(Document.prototype, 'currentScript', document)?.dataset ?? {};
// Ignore an invalid number: with NaN as the margin, nothing would be renewed.
keepImagesFresh({ endpoint, margin: +margin! || undefined });
