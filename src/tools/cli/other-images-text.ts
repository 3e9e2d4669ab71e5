/** Says of `check` which images of a page are under none of the bases. */

import type { Configuration } from '../../options/configuration.ts';
import type { OtherImages } from '../diagnosis/other-images.ts';

/** A page may name very many. */
const maxShown = 5;

/** For a page with images of which none is under a base: that reads as all good otherwise. */
export function noImageLine({ hosts, hint }: OtherImages, { schemes, variants }: Configuration): string {
  const bases = schemes.flatMap((scheme) => scheme.namedBases.map(({ text }) => text));
  const add =
    variants.size === 0
      ? 'Are they yours? Compare `url` of the scheme.'
      : 'Are they yours? Add --delivery <base>, or `delivery` to the file of --config.';
  return `No image URL of ${listed(bases)} in this page. It names images at: ${listedHosts(hosts)}. ${hint ?? add}`;
}

/** For a page that has images under a base as well. */
export function otherImagesLine({ hosts, hint }: OtherImages): string {
  const count = hosts.reduce((sum, each) => sum + each.count, 0);
  const text = `${count} other image ${count === 1 ? 'URL' : 'URLs'}, under none of the bases: ${listedHosts(hosts)}.`;
  return hint === undefined ? text : `${text} ${hint}`;
}

function listedHosts(hosts: OtherImages['hosts']): string {
  return listed(hosts.map(({ host, count }) => `${host} (${count})`));
}

function listed(names: readonly string[]): string {
  const more = names.length - maxShown;
  return names.slice(0, maxShown).join(', ') + (more > 0 ? `, and ${more} more` : '');
}
