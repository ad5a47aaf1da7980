export class NotFound extends Error {
  override name = 'NotFound';
  readonly id: number;

  constructor(id: number) {
    super(`there is no item ${id}`);
    this.id = id;
  }
}
