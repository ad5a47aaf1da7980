import { Readable } from 'node:stream';
import {
  Body,
  Controller,
  DefaultValuePipe,
  Get,
  Header,
  HttpCode,
  HttpException,
  NotFoundException,
  Param,
  ParseBoolPipe,
  ParseIntPipe,
  ParseUUIDPipe,
  Post,
  Query,
  Redirect,
  Req,
  Sse,
  StreamableFile,
  UseGuards,
  type MessageEvent,
} from '@nestjs/common';
import { interval, map, take, type Observable } from 'rxjs';
import { EvenPipe, Teapot, WordGuard } from './around.ts';
import { CatsService } from './cats.service.ts';

@Controller()
export class CatsController {
  constructor(private readonly cats: CatsService) {}

  @Get()
  wrappedHome(): string[] {
    return this.cats.all();
  }

  @Get('who')
  who(@Req() request: any): unknown {
    const { method, url, ip, ips, protocol, hostname, query } = request;
    const { remoteAddress, remoteFamily, encrypted = false } = request.socket;
    return { method, url, ip, ips, protocol, hostname, query, remoteAddress, remoteFamily, encrypted };
  }

  @Get('int/:n')
  wrappedInt(@Param('n', ParseIntPipe) n: number, @Query('flag', new DefaultValuePipe(false), ParseBoolPipe) flag: boolean): unknown {
    return { n, flag };
  }

  @Get('uuid/:id')
  uuid(@Param('id', ParseUUIDPipe) id: string): string {
    return id;
  }

  @Get('even')
  even(@Query('n', EvenPipe) n: number): unknown {
    return { n };
  }

  @Get('guarded')
  @UseGuards(WordGuard)
  guarded(): string {
    return 'open';
  }

  @Get('missing')
  missing(): never {
    throw new NotFoundException('no such cat', { description: 'gone' });
  }

  @Get('teapot')
  async teapot(): Promise<never> {
    throw new Teapot('short and stout');
  }

  @Get('throws')
  throws(): never {
    throw new RangeError('secret');
  }

  @Get('status')
  status(): never {
    throw new HttpException({ own: 'body' }, 429);
  }

  @Get('redirect')
  @Redirect('/who', 301)
  redirect(@Query('to') to: string | undefined): unknown {
    return to === undefined ? undefined : { url: to, statusCode: 307 };
  }

  @Get('header')
  @HttpCode(202)
  @Header('X-Own', 'a')
  @Header('Cache-Control', 'no-store')
  header(): null {
    return null;
  }

  @Sse('events')
  events(): Observable<MessageEvent> {
    return interval(5).pipe(
      take(3),
      map((n) => ({ id: String(n), type: 'tick', data: { n } })),
    );
  }

  @Get('file')
  file(): StreamableFile {
    const chunks = Readable.from([Buffer.from('first, '), Buffer.from('second')]);
    return new StreamableFile(chunks, { type: 'text/plain', disposition: 'attachment; filename="a.txt"' });
  }

  @Post('echo')
  echo(@Body() body: unknown): unknown {
    return { body };
  }
}
