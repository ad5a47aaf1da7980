/** What came of something that may fail while the rest goes on. */
export type Tried<Result> =
  | { readonly kind: 'measured'; readonly result: Result }
  | { readonly kind: 'failed'; readonly why: string };

export async function tried<Result>(measure: () => Promise<Result>): Promise<Tried<Result>> {
  try {
    return { kind: 'measured', result: await measure() };
  } catch (error) {
    return { kind: 'failed', why: (error as Error).message };
  }
}
