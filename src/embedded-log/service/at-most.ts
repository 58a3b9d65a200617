/** Waits for the work, but no longer: a disk, or a reader, may never answer. */
export async function atMost(milliseconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const isOver = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)));
  await Promise.race([work, isOver]).finally(() => {
    clearTimeout(timer);
  });
}
