import { later, urlOf } from '../../photo.js';

export const load = async ({ platform }) => {
  const { signImage } = platform.req; // set by `imageSigner`
  return {
    urls: ['signed', 'signed-2'].map((id) => signImage(urlOf(id))),
    background: signImage(urlOf('background')),
    later: later(urlOf('signed-later')).then((url) => signImage(url)),
  };
};
