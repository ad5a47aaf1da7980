/**
 * One heavy route of a Nest app, on Express or on Fastify, as a controller: guards, interceptors and exception filters of the app are around
 * it as around any other. The module is named by its path from where the app is started: what Nest builds stands in another folder than its sources.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Controller, Get, Next, Req, Res } from '@nestjs/common';
import { offload } from 'prefork';

const report = offload('examples/offload/report.ts', { deadline: '30s', max: 4 });

@Controller('report')
export class ReportController {
  // With @Res() Nest leaves the answer to the route, and with @Next() it gets its errors on Express; on Fastify they are thrown.
  @Get()
  report(@Req() request: IncomingMessage, @Res() response: ServerResponse, @Next() next: () => void): Promise<void> {
    return report(request, response, next);
  }
}
