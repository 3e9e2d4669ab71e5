/** Templates, as the functions that engines make of them. */
import type { View, ViewData } from '../site.ts';

type Helper = (...given: unknown[]) => unknown;

/** The helpers, as any engine finds them among the data. */
function helpersIn(data: ViewData): { signImage: Helper; signSrcset: Helper } {
  return data as { signImage: Helper; signSrcset: Helper }; // the middleware has put them there
}

export const views: Readonly<Record<string, View>> = {
  page: (data) => {
    const { signImage } = helpersIn(data);
    const image = data['image'];
    return `<script>${signImage(image)} ${signImage(data['other'])} ${signImage(null)}</script>`;
  },
  srcset: (data) => `<script>${helpersIn(data).signSrcset(data['image'])}</script>`,
  mistake: (data) => String(helpersIn(data).signImage(data['image'], 'no-such-variant')),
  data: ({ photos, text }) => `<script>${JSON.stringify({ photos, text })}</script>`,
};
