/** What the option lists say of the image that a URL names, and what Cloudflare says of such ids. It knows no tokens. */

import {
  accountHashOf,
  type DeliveryMatch,
  imageIdOf,
} from '../../schemes/cloudflare-images/delivery-url.ts';
import type { CloudflareSetup } from '../../schemes/cloudflare-images/scheme.ts';
import { asName, describe } from '../../validation/message.ts';
import type { Finding } from './explanation.ts';
import { finding, shown } from './findings.ts';

export function imageFindings(match: DeliveryMatch, configuration: CloudflareSetup): Finding[] {
  return [accountFinding, variantFinding, idFinding].flatMap((find) => find(match, configuration) ?? []);
}

function accountFinding(match: DeliveryMatch, { accounts }: CloudflareSetup): Finding | undefined {
  const account = accountHashOf(match);
  if (accounts === undefined || accounts.has(account)) return undefined;
  const message = `The account hash ${shown(account)} is not in \`accountHash\`.`;
  if (/^[\da-f]{32}$/i.test(account)) {
    const mend = 'Take the account hash from the dashboard, under Images: it has 22 characters.';
    return finding('account-not-allowed', `${message} It looks like the account id of the API.`, mend);
  }
  const alike = [...accounts].some((each) => each.toLowerCase() === account.toLowerCase());
  return finding(
    'account-not-allowed',
    alike ? `${message} Only its case differs from one that is.` : message,
  );
}

function variantFinding({ variant }: DeliveryMatch, { variants }: CloudflareSetup): Finding | undefined {
  if (variants.has(variant)) return undefined;
  const name = describe(variant, asName);
  if (/[=,]/.test(variant)) {
    const message = `The variant ${name} is a flexible one, which Cloudflare never delivers of private images.`;
    return finding('flexible-variant', message);
  }
  const alike = [...variants.keys()].find((each) => each.toLowerCase() === variant.toLowerCase());
  const message = `The variant ${name} is not in \`variants\`.`;
  return finding(
    'variant-not-allowed',
    alike === undefined ? message : `${message} Only its case differs from ${describe(alike, asName)}.`,
  );
}

/** Ids of private images are UUIDs (Cloudflare Images, "Upload via custom path"). A delivery of one's own may use others. */
function idFinding(match: DeliveryMatch): Finding | undefined {
  const { base } = match;
  const isCloudflare = base.authority === 'imagedelivery.net' || base.path.endsWith('/cdn-cgi/imagedelivery');
  if (!isCloudflare || /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(imageIdOf(match))) return undefined;
  return finding(
    'custom-id',
    'The image id is not a UUID. Cloudflare has no private images with ids of your own: this one is public, with or without a token.',
  );
}
