/**
 * The results of `work` in the order of the items. No more than `limit` of them are in work, or done and waiting for
 * those before them; so what is held does not grow with their number.
 * @param work never rejects
 */
export async function* inOrder<Item, Result>(
  items: Iterable<Item>,
  limit: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const begun: Promise<Result>[] = [];
  for (const item of items) {
    const first = begun.length < limit ? undefined : begun.shift();
    if (first !== undefined) yield await first;
    begun.push(work(item));
  }
  for (const result of begun) yield await result;
}
