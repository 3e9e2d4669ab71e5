import config from '@payload-config';
import { GRAPHQL_POST } from '@payloadcms/next/routes';
import { signed } from '../../../../signer.js';

export const POST = signed(GRAPHQL_POST(config));
