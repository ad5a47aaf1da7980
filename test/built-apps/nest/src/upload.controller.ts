import { createHash } from 'node:crypto';
import {
  Body,
  Controller,
  MaxFileSizeValidator,
  ParseFilePipe,
  Post,
  Req,
  UploadedFile,
  UploadedFiles,
  UseInterceptors,
} from '@nestjs/common';
import { AnyFilesInterceptor, FileInterceptor } from '@nestjs/platform-express';

const told = ({ buffer, ...file }: any): unknown => ({ ...file, sha256: createHash('sha256').update(buffer).digest('hex') });

@Controller()
export class UploadController {
  @Post('upload')
  @UseInterceptors(AnyFilesInterceptor({ limits: { files: 3, fileSize: 2000 } }))
  upload(@UploadedFiles() files: any[], @Body() fields: unknown): unknown {
    return { fields, files: files.map(told) };
  }

  @Post('one')
  @UseInterceptors(FileInterceptor('a'))
  one(@UploadedFile(new ParseFilePipe({ validators: [new MaxFileSizeValidator({ maxSize: 1000 })] })) file: any): unknown {
    return told(file);
  }

  @Post('raw')
  raw(@Req() request: any): unknown {
    return { raw: request.rawBody?.toString('latin1') ?? null };
  }
}
