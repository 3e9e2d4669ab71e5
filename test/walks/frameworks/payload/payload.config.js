import { sqliteAdapter } from '@payloadcms/db-sqlite';
import { lexicalEditor } from '@payloadcms/richtext-lexical';
import { buildConfig } from 'payload';
import { signer } from './signer.js';

const { DELIVERY, ACCOUNT_HASH } = process.env;
const everybody = () => true;

export default buildConfig({
  secret: 'of this test, and of nothing else',
  telemetry: false,
  db: sqliteAdapter({ client: { url: 'file:data.db' }, push: true }),
  editor: lexicalEditor(),
  admin: { user: 'users' },
  collections: [
    { slug: 'users', auth: true, fields: [] },
    {
      slug: 'media',
      upload: { disableLocalStorage: true },
      access: { read: everybody },
      // As a storage adapter does: the URL in the store.
      hooks: {
        afterRead: [({ doc }) => ({ ...doc, url: `${DELIVERY}/${ACCOUNT_HASH}/${doc.filename}/card` })],
      },
      fields: [],
    },
    {
      slug: 'articles',
      lockDocuments: false,
      access: { read: everybody, update: everybody },
      hooks: { beforeChange: [({ data }) => signer.unsignData(data)] },
      fields: [
        { name: 'title', type: 'text' },
        { name: 'cover', type: 'text' },
        { name: 'photo', type: 'upload', relationTo: 'media' },
        { name: 'body', type: 'richText' },
        { name: 'notes', type: 'textarea' },
        { name: 'embed', type: 'textarea' },
        { name: 'gallery', type: 'array', fields: [{ name: 'image', type: 'text' }] },
      ],
    },
  ],
});
