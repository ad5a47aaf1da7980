// As `nest new` writes it: nothing is exported.
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ExpressModule } from './app.module.ts';

async function bootstrap() {
  const app = await NestFactory.create<NestExpressApplication>(ExpressModule, { logger: ['warn', 'error'], rawBody: true });
  app.set('trust proxy', 1);
  app.enableCors({ origin: 'https://a.test', credentials: true });
  app.useStaticAssets(new URL('../../../fixtures/apps/public', import.meta.url).pathname, { prefix: '/static' });
  await app.listen(process.env.PORT ?? 3000);
}
void bootstrap();
