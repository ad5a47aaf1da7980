import { Module } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR } from '@nestjs/core';
import { CatsController } from './cats.controller.ts';
import { CatsService } from './cats.service.ts';
import { StampInterceptor, TeapotFilter } from './around.ts';
import { ReportController } from './report.controller.ts';
import { UploadController } from './upload.controller.ts';

const providers = [
  CatsService,
  { provide: APP_FILTER, useClass: TeapotFilter },
  { provide: APP_INTERCEPTOR, useClass: StampInterceptor },
];

@Module({ controllers: [CatsController, ReportController], providers })
export class CommonModule {}

@Module({ controllers: [CatsController, ReportController, UploadController], providers })
export class ExpressModule {}
