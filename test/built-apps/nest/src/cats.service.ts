import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';

@Injectable()
export class CatsService implements OnApplicationBootstrap {
  private names: string[] = [];

  async onApplicationBootstrap(): Promise<void> {
    this.names = ['Tom', 'Félix'];
  }

  all(): string[] {
    return this.names;
  }
}
