/** The gallery's own pictures: their titles, their content, and who may see them. */
import type { Random } from './random.ts';
import { aurora } from './scenes/aurora.ts';
import { balloons } from './scenes/balloons.ts';
import { birches } from './scenes/birches.ts';
import { canyon } from './scenes/canyon.ts';
import { city } from './scenes/city.ts';
import { dunes } from './scenes/dunes.ts';
import { harbour } from './scenes/harbour.ts';
import { lake } from './scenes/lake.ts';
import { lavender } from './scenes/lavender.ts';
import { lighthouse } from './scenes/lighthouse.ts';
import { moon } from './scenes/moon.ts';
import { observatory } from './scenes/observatory.ts';
import { ridges } from './scenes/ridges.ts';
import { terraces } from './scenes/terraces.ts';
import { volcano } from './scenes/volcano.ts';

/** A picture on a page. */
export interface Picture {
  /** A UUID, as Cloudflare assigns: custom ids cannot be private there. */
  readonly id: string;
  readonly title: string;
  /** Where and when. */
  readonly caption: string;
  readonly alt: string;
  /** The background colour while the picture loads. */
  readonly tone: string;
  /** Whether guests get the blurred preview instead. */
  readonly isForMembers: boolean;
}

/** A picture that can be drawn. */
export interface Drawing extends Picture {
  readonly seed: number;
  /** @returns the inside of an SVG of 1280 by 800 */
  readonly scene: (random: Random) => string;
}

export const drawings: readonly Drawing[] = [
  {
    id: '7c1f2a9e-5b0d-4c6e-9a41-2f8d3e6b7a01',
    title: 'Silver Lake, before the wind',
    caption: 'North shore, 5:40',
    alt: 'A red canoe on a still lake at dawn; a mountain range and its reflection behind it.',
    tone: '#a9a7bb',
    isForMembers: false,
    seed: 1136,
    scene: lake,
  },
  {
    id: '0d94b7c3-18e2-4f5a-8c77-61b2a94e5d02',
    title: 'Three on the long dune',
    caption: 'Erg, an hour of light left',
    alt: 'Three small walkers on a sand dune, its far side in deep shadow, the sun low behind it.',
    tone: '#d99a63',
    isForMembers: false,
    seed: 1135,
    scene: dunes,
  },
  {
    id: 'e5a3c810-7f46-4b29-b5d0-93c7184fa203',
    title: 'The keeper is up',
    caption: 'Skerry light, force seven',
    alt: 'A red and white lighthouse on a rock sends two beams over a rough sea at night.',
    tone: '#30475a',
    isForMembers: false,
    seed: 1178,
    scene: lighthouse,
  },
  {
    id: '4b8e6d21-c9f7-4a13-8e5b-0a7d92c6f304',
    title: 'Seven balloons for breakfast',
    caption: 'The valley, still asleep',
    alt: 'Striped hot-air balloons float over misty hills in the first sunlight.',
    tone: '#d3c3bd',
    isForMembers: false,
    seed: 1154,
    scene: balloons,
  },
  {
    id: '92f0d5b8-3e6a-4d71-a2c4-5b18e7f09405',
    title: 'Harbour without wind',
    caption: 'Inner quay, five o’clock',
    alt: 'Gabled houses in many colours along a quay, with four small boats, all reflected in the water.',
    tone: '#8f9f9c',
    isForMembers: false,
    seed: 1153,
    scene: harbour,
  },
  {
    id: 'b16c7e94-a05d-4382-9f1e-c84d20b3e506',
    title: 'First week of July',
    caption: 'Lavender, towards evening',
    alt: 'Rows of lavender run to a farmhouse with cypresses under a violet evening sky.',
    tone: '#8d7bb5',
    isForMembers: false,
    seed: 1164,
    scene: lavender,
  },
  {
    id: '3a57f8e2-6d1b-49c0-8b36-7e92d4a1c607',
    title: 'Blue hour, east side',
    caption: 'From the far bank, 20:12',
    alt: 'A city skyline with lit windows at dusk, doubled in the river below.',
    tone: '#4a4478',
    isForMembers: false,
    seed: 1127,
    scene: city,
  },
  {
    id: 'c8d2914f-e7b3-4056-b9a8-14f6c5d0e708',
    title: 'Seven ridges',
    caption: 'After a night of rain',
    alt: 'Seven mountain ridges, one paler than the other, with fir woods in front and a pale sun.',
    tone: '#92aaa2',
    isForMembers: false,
    seed: 1156,
    scene: ridges,
  },
  {
    id: '5f09a6c7-2b8d-4e14-a7f3-d03b91e8c809',
    title: 'Somebody has made a fire',
    caption: 'Birch wood, minus nine',
    alt: 'Birch trunks in snow; between them a hut with one lit window and smoke above its roof.',
    tone: '#cfd2de',
    isForMembers: false,
    seed: 1147,
    scene: birches,
  },
  {
    id: 'd7e41b05-94ac-4f68-8d20-6a5c3f72e910',
    title: 'One sail',
    caption: 'Open water, full moon',
    alt: 'A sailing boat on a dark sea; the full moon behind clouds, and its path of light on the water.',
    tone: '#1f3156',
    isForMembers: false,
    seed: 1137,
    scene: moon,
  },
  {
    id: '18b6d3f0-c52e-4a97-9e84-f7a0215bc311',
    title: 'What hung over the fjord',
    caption: 'Two cabins, 23:50',
    alt: 'Green and violet northern lights above dark mountains; two red cabins by the water.',
    tone: '#123a4a',
    isForMembers: true,
    seed: 1139,
    scene: aurora,
  },
  {
    id: 'a94e0c72-8f1d-4b35-b60a-2d7e5c91f412',
    title: 'The road goes on',
    caption: 'Red rock, last sun',
    alt: 'A straight road runs towards red table mountains under a turquoise sky.',
    tone: '#c57f57',
    isForMembers: true,
    seed: 1141,
    scene: canyon,
  },
  {
    id: '60c7f5d9-b3a4-4128-8c9f-e15d0b72a513',
    title: 'Through blossom',
    caption: 'The mountain, one day in April',
    alt: 'A snow-capped volcano and a red sun between bars of cloud, behind a branch of cherry blossom.',
    tone: '#e3b491',
    isForMembers: true,
    seed: 1167,
    scene: volcano,
  },
  {
    id: 'f2391e8a-d60b-4c7d-a518-b94f7a3e0614',
    title: 'A piece of the sky on each step',
    caption: 'Terraces, after rain',
    alt: 'Flooded rice terraces wind down a green hillside; two people at work, and a thatched hut.',
    tone: '#8fb08b',
    isForMembers: true,
    seed: 1179,
    scene: terraces,
  },
  {
    id: '8d50a7b4-1f9c-43e6-9b72-3c6e8d15f715',
    title: 'Looking up without it',
    caption: 'The observatory, new moon',
    alt: 'An open observatory dome under the Milky Way; outside somebody points at the sky.',
    tone: '#2a2350',
    isForMembers: true,
    seed: 1188,
    scene: observatory,
  },
];
