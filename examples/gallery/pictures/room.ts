/** The pictures of a visit: the gallery's own, or those of an account at Cloudflare. */
import type { Picture } from './catalogue.ts';

const tones = ['#a9a7bb', '#d99a63', '#30475a', '#8f9f9c', '#8d7bb5'] as const;

/** The last third is for members, as in the gallery itself; with one or two pictures, none is. */
export function picturesOf(ids: readonly string[]): Picture[] {
  const firstForMembers = ids.length - Math.floor(ids.length / 3);
  return ids.map((id, index) => ({
    id,
    title: `Picture ${index + 1}`,
    caption: 'From your account',
    alt: `Picture ${index + 1} of your account`,
    tone: tones[index % tones.length] ?? tones[0],
    isForMembers: index >= firstForMembers,
  }));
}
