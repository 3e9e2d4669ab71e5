/** The whole of `client.global.js`, which a page loads by `<script src>`: it starts itself. */
import { keepImagesFresh } from './keep-images-fresh.ts';

// Set while a classic script runs, also with `async` and `defer`; null in a module, which then has the defaults.
const { endpoint, margin } = (document.currentScript as HTMLScriptElement | null)?.dataset ?? {};
keepImagesFresh({ endpoint, margin: margin === undefined ? undefined : Number(margin) });
