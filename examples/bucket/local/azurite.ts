/**
 * A private Azure container on this machine. Azurite is Microsoft's server for tests: it verifies every signature with its
 * own code, and knows neither `image-signer` nor the site. It takes two seconds to load.
 */
import { createRequire } from 'node:module';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';

export interface AzureContainer {
  /** The endpoint: `http://localhost:<port>/<account>`. */
  readonly url: string;
  readonly account: string;
  readonly container: string;
  /** The account key, in base64. Azurite's is public. */
  readonly key: string;
  put(name: string, type: string, body: Buffer | string): Promise<void>;
  /** Stops it. Its blobs are only in memory. */
  stop(): Promise<void>;
}

interface BlobServer {
  start(): Promise<void>;
  close(): Promise<void>;
  getHttpServerAddress(): string;
}

/** The parts of Azurite that we use. It has no types, and its main module is a VS Code extension. */
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

export function loadAzurite<Name extends keyof Modules>(name: Name): Modules[Name] {
  return require(`azurite/dist/src/blob/${name}`) as Modules[Name];
}

export async function startAzurite(): Promise<AzureContainer> {
  const { default: Server } = loadAzurite('BlobServer.js');
  const { EMULATOR_ACCOUNT_NAME: account, EMULATOR_ACCOUNT_KEY_STR: key } = loadAzurite('utils/constants.js');
  const server = new Server(configuration());
  await server.start();
  const url = `http://localhost:${new URL(server.getHttpServerAddress()).port}/${account}`;
  const container = 'photos';
  const credential = new StorageSharedKeyCredential(account, key);
  const client = new BlobServiceClient(url, credential).getContainerClient(container);
  await client.create();
  return {
    ...{ url, account, container, key },
    async put(name, type, body) {
      const blobHTTPHeaders = { blobContentType: type };
      await client.getBlockBlobClient(name).upload(body, Buffer.byteLength(body), { blobHTTPHeaders });
    },
    stop: () => server.close(),
  };
}

/** It takes its settings by position. */
function configuration(): object {
  const { default: Configuration } = loadAzurite('BlobConfiguration.js');
  const [noFiles, noLog] = [
    ['', '', []],
    [false, undefined, false, undefined],
  ];
  const secondsOfKeepAlive = 1;
  const [isLoose, takesAnyVersion, hasOnlyPathStyle, isInMemory] = [false, true, false, true];
  const [noCertificate, noOAuth] = [['', '', ''], undefined];
  return new Configuration(
    ...['localhost', 0, secondsOfKeepAlive, ...noFiles, ...noLog, isLoose, takesAnyVersion],
    ...[...noCertificate, noOAuth, hasOnlyPathStyle, isInMemory],
  );
}
