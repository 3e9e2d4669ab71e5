import config from '@payload-config';
import {
  REST_DELETE,
  REST_GET,
  REST_OPTIONS,
  REST_PATCH,
  REST_POST,
  REST_PUT,
} from '@payloadcms/next/routes';
import { signed } from '../../../../signer.js';

export const GET = signed(REST_GET(config));
export const POST = signed(REST_POST(config));
export const PATCH = signed(REST_PATCH(config));
export const PUT = signed(REST_PUT(config));
export const DELETE = signed(REST_DELETE(config));
export const OPTIONS = REST_OPTIONS(config);
