/** Signs the URLs in `Link` fields, of a page and of early hints. */
import type { HeaderFields } from '../http/header-fields.ts';
import { mapLinkHeader } from '../rewriting/link-header.ts';
import type { ResponseInProgress } from '../signer/core.ts';

/** @param onRefused - called if the headers do not take the signed field: it stays as it was */
export function mapLinks(fields: HeaderFields, inProgress: ResponseInProgress, onRefused: () => void): void {
  const links = fields.list('Link');
  const mapped = links.map((link) => mapLink(link, inProgress));
  if (mapped.every((link, index) => link === links[index])) return;
  try {
    fields.set('Link', mapped.length === 1 ? mapped[0]! : mapped);
  } catch {
    onRefused();
  }
}

/** The value of one field. Anything but a string, which an app may have set, stays. */
export function mapLink(link: string, { signer }: ResponseInProgress): string {
  if (typeof link !== 'string') return link;
  signer.place?.in('Link');
  return mapLinkHeader(link, signer.mapUrl);
}
