/** What a site asks of the helpers, and a behaviour of the signer itself: both have to answer alike. */
import type { Asked } from '../site.ts';
import type { Store } from '../stores/store.ts';

export type Helpers = Required<NonNullable<Pick<Asked, 'signImage' | 'signSrcset'>>>;

/** The URLs, and the codes of what is thrown: by an app that catches. */
export function callHelpers({ signImage, signSrcset }: Helpers, { url, more }: Store): string[] {
  const calls: readonly (() => string)[] = [
    () => signImage!(url()),
    () => signImage!(url(), ...more),
    () => signSrcset!(url()),
    () => signImage!('https://elsewhere.example/a.png'),
  ];
  return calls.map((call) => {
    try {
      return call();
    } catch (error) {
      return (error as { code: string }).code;
    }
  });
}

/** What an app has stored. */
export const dataOf = (url: Store['url']): object => ({
  photos: [{ image: url(), text: `<img src="${url('card')}">` }],
  note: `${url()} is my photo`,
});
