import type { RequestListener, ServerResponse } from 'node:http';
import express from 'express';
import { expect, test } from 'vitest';
import { type ImageSignerOptions, imageSigner } from '../../../src/index.ts';
import { base } from '../../support/samples.ts';
import { exchangeLater } from '../../support/servers/in-memory.ts';

test('a `render` that an app puts in the place of that of Express is the one it finds later', async () => {
  const options = { ...base, rewrite: { locals: true }, report: false };
  const app = express().use(imageSigner(options as ImageSignerOptions));
  app.get('/', (_request, response) => {
    const render = function (this: ServerResponse): void {
      this.end('rendered');
    } as typeof response.render;
    response.render = render;
    if (response.render === render) response.render('view');
    else response.end('another one');
  });
  expect((await exchangeLater(app as RequestListener, '/')).text).toBe('rendered');
});
