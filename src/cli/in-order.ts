/**
 * The results of `work` in the order of the items. At most `limit` items are in work, or done and waiting for
 * an earlier one, so the memory does not grow with the number of items.
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
