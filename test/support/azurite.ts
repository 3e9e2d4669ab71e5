/**
 * Azurite, Microsoft's own server for tests, in this process: it computes each SAS on its own and compares it. Its packages
 * take two seconds to load, and its objects are in memory.
 */
import { createHmac } from 'node:crypto';
import { createRequire } from 'node:module';
import {
  BlobServiceClient,
  type ContainerClient,
  StorageSharedKeyCredential,
  type UserDelegationKey,
} from '@azure/storage-blob';
import type { AzureSite } from './oracles/azure-blob.ts';

interface Azurite extends AzureSite {
  /** Puts a blob of this text into the container, with the type of a PNG. */
  upload(name: string, text?: string): Promise<void>;
  /** The status and the body of a GET. */
  answerOf(url: string): Promise<{ readonly status: number; readonly text: string }>;
  close(): Promise<void>;
}

interface BlobServer {
  start(): Promise<void>;
  close(): Promise<void>;
  getHttpServerAddress(): string;
}

/** The parts of Azurite that are used: it has no types, and its main module starts an editor's extension. */
interface Modules {
  'BlobServer.js': { readonly default: new (configuration: object) => BlobServer };
  'BlobConfiguration.js': { readonly default: new (...settings: readonly unknown[]) => object };
  'utils/constants.js': {
    readonly EMULATOR_ACCOUNT_NAME: string;
    readonly EMULATOR_ACCOUNT_KEY_STR: string;
    readonly USERDELEGATIONKEY_BASIC_KEY: string;
  };
}

const require = createRequire(import.meta.url);

function load<Name extends keyof Modules>(name: Name): Modules[Name] {
  return require(`azurite/dist/src/blob/${name}`) as Modules[Name];
}

/** With a private container, `photos`. */
export async function startAzurite(): Promise<Azurite> {
  const { default: Server } = load('BlobServer.js');
  const { EMULATOR_ACCOUNT_NAME: account, EMULATOR_ACCOUNT_KEY_STR: key } = load('utils/constants.js');
  const server = new Server(configuration());
  await server.start();
  const url = `${server.getHttpServerAddress()}/${account}`;
  const container = 'photos';
  const client = new BlobServiceClient(url, new StorageSharedKeyCredential(account, key)).getContainerClient(
    container,
  );
  await client.create();
  return {
    ...{ url, account, key, container },
    upload: (name, text = name) => upload(client, name, text),
    async answerOf(image) {
      const response = await fetch(image);
      return { status: response.status, text: await response.text() };
    },
    close: () => server.close(),
  };
}

function configuration(): object {
  const { default: Configuration } = load('BlobConfiguration.js');
  const seconds = 1;
  const [noFiles, noLog, notLoose, anyVersion] = [
    ['', '', []],
    [false, undefined, false, undefined],
    false,
    true,
  ];
  const [noCertificate, noOAuth, anyStyle, inMemory] = [['', '', ''], undefined, false, true];
  return new Configuration(
    ...['127.0.0.1', 0, seconds, ...noFiles, ...noLog, notLoose, anyVersion],
    ...[...noCertificate, noOAuth, anyStyle, inMemory],
  );
}

async function upload(container: ContainerClient, name: string, text: string): Promise<void> {
  await container.getBlockBlobClient(name).upload(text, Buffer.byteLength(text), {
    blobHTTPHeaders: { blobContentType: 'image/png' },
  });
}

/**
 * The key that Azurite would give to an account of Entra ID: it derives all from one secret of its own.
 * @param startsAt - Unix seconds, as `endsAt`
 */
export function azuriteDelegation(startsAt: number, endsAt: number): UserDelegationKey {
  const [signedObjectId, signedTenantId] = [
    '11111111-2222-3333-4444-555555555555',
    '66666666-7777-8888-9999-000000000000',
  ];
  const iso = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
  const text = [signedObjectId, signedTenantId, iso(startsAt), iso(endsAt), 'b', '2020-12-06'].join('\n');
  const { USERDELEGATIONKEY_BASIC_KEY: secret } = load('utils/constants.js');
  return {
    ...{ signedObjectId, signedTenantId, signedService: 'b', signedVersion: '2020-12-06' },
    signedStartsOn: new Date(startsAt * 1000),
    signedExpiresOn: new Date(endsAt * 1000),
    value: createHmac('sha256', secret).update(text).digest('base64'),
  };
}
