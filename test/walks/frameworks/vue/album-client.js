import { keepImagesFresh } from 'image-signer/client';
import { createSSRApp } from 'vue';
import Album from './Album.vue';

const state = JSON.parse(document.getElementById('state').textContent);
createSSRApp(Album, { state, opened: location.pathname }).mount('#root');
keepImagesFresh(state.hasLoader ? { renew } : {});

/** Asks the loader of the app for the photos to which these URLs belong. */
async function renew(urls) {
  const ids = urls.map((url) => new URL(url).pathname.split('/')[2]);
  const { photos } = await (await fetch(`/api/photos?ids=${[...new Set(ids)]}`)).json();
  const fresh = photos.flatMap(({ thumb, card }) => [thumb, card]);
  return new Map(urls.map((url) => [url, fresh.find((each) => each.startsWith(url.split('?')[0]))]));
}
