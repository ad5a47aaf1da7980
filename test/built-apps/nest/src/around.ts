import {
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  Catch,
  type ExceptionFilter,
  type ExecutionContext,
  HttpStatus,
  Injectable,
  type NestInterceptor,
  type PipeTransform,
  BadRequestException,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { map, type Observable } from 'rxjs';

export class Teapot extends Error {}

/** An exception filter: one error has an answer of its own, whatever is under Nest. */
@Catch(Teapot)
export class TeapotFilter implements ExceptionFilter {
  constructor(private readonly host: HttpAdapterHost) {}

  catch(error: Teapot, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse();
    this.host.httpAdapter.reply(response, { teapot: error.message }, HttpStatus.I_AM_A_TEAPOT);
  }
}

/** A guard: lets in who knows the word. */
@Injectable()
export class WordGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return context.switchToHttp().getRequest().headers['x-word'] === 'sesame';
  }
}

/** An interceptor: wraps what a handler returns. */
@Injectable()
export class StampInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const isWrapped = context.getHandler().name.startsWith('wrapped');
    return next.handle().pipe(map((value) => (isWrapped ? { stamped: value } : value)));
  }
}

/** A pipe of our own. */
@Injectable()
export class EvenPipe implements PipeTransform {
  transform(value: unknown): number {
    const number = Number(value);
    if (number % 2 !== 0) throw new BadRequestException(`${String(value)} is not even`);
    return number;
  }
}
