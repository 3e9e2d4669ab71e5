import { Readable } from 'node:stream';
import {
  Controller,
  Get,
  type MessageEvent,
  Render,
  Req,
  Sse,
  StreamableFile,
  UseInterceptors,
} from '@nestjs/common';
import type { Request } from 'express';
import { type Observable, of } from 'rxjs';
import { WrapInterceptor } from './wrap.interceptor.js';

const urlOf = (id: string): string => `${process.env['DELIVERY']}/${process.env['ACCOUNT_HASH']}/${id}/card`;

@Controller()
export class GalleryController {
  @Get()
  @Render('page')
  page(): object {
    return { title: 'Photos', photo: urlOf('rendered'), later: urlOf('later') };
  }

  @Get('photos')
  @UseInterceptors(WrapInterceptor)
  photos(): object {
    return { photos: [urlOf('one'), urlOf('two')] };
  }

  @Get('events')
  @Sse()
  events(@Req() req: Request): Observable<MessageEvent> {
    return of({ data: { signed: req.signImage(urlOf('event')), plain: urlOf('event') } });
  }

  /** Nest sends the length that it is told, and that is of the page without tokens. */
  @Get('streamed')
  streamed(): StreamableFile {
    const parts = [
      '<!doctype html><title>Streamed</title><link rel="icon" href="data:,"><h1>Streamed</h1><img alt="a" sr',
      `c="${urlOf('streamed')}"><p>The end`,
    ].map((part) => Buffer.from(part));
    const length = Buffer.concat(parts).length;
    return new StreamableFile(Readable.from(parts), { type: 'text/html; charset=utf-8', length });
  }

  @Get('file')
  file(): StreamableFile {
    return new StreamableFile(Buffer.from(`<img src="${urlOf('file')}">`), {
      type: 'application/octet-stream',
      disposition: 'attachment; filename="export.bin"',
    });
  }
}
