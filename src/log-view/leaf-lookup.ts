import { LogError } from '../errors.ts';
import { ENTRIES_A_REQUEST } from '../rekor/client.ts';
import type { GatheredEntries, LogView } from './log-view.ts';

/** More at a time would not be faster: while these are under way, the next ones fill up. */
const REQUESTS_AT_A_TIME = 4;

/** Somebody who waits for what the log has of some leaf hashes. */
interface Waiting {
  readonly view: LogView;
  readonly leafHashes: readonly string[];
  readonly resolve: (gathered: GatheredEntries) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Looks leaves up for many charts at once. The first one is asked for at once; what comes while requests are under
 * way goes together, up to ten leaf hashes a request, as Rekor allows.
 */
export class LeafLookup {
  #waiting: Waiting[] = [];
  #underWay = 0;

  /**
   * What the log has of these leaf hashes, at most ten; it leaves out those that it does not have.
   * @param view of the log, which is the same for all; a request is made with the view of the last who joined it, who
   * has the most time left
   * @throws LogError as `LogView.entries` does
   */
  async lookUp(view: LogView, leafHashes: readonly string[]): Promise<GatheredEntries> {
    return await new Promise((resolve, reject) => {
      this.#waiting.push({ view, leafHashes, resolve, reject });
      this.#send();
    });
  }

  #send(): void {
    while (this.#underWay < REQUESTS_AT_A_TIME && this.#waiting.length > 0) {
      this.#underWay++;
      void request(this.#nextGroup()).finally(() => {
        this.#underWay--;
        this.#send();
      });
    }
  }

  /** As many of those who wait as fit into one request. */
  #nextGroup(): Waiting[] {
    const group: Waiting[] = [];
    const asked = new Set<string>();
    for (const next of this.#waiting) {
      for (const leafHash of next.leafHashes) asked.add(leafHash);
      if (group.length > 0 && asked.size > ENTRIES_A_REQUEST) break;
      group.push(next);
    }
    this.#waiting = this.#waiting.slice(group.length);
    return group;
  }
}

async function request(group: readonly Waiting[]): Promise<void> {
  const asked = [...new Set(group.flatMap(({ leafHashes }) => leafHashes))];
  try {
    const answer = await group.at(-1)?.view.entries(asked);
    if (answer !== undefined)
      for (const { leafHashes, resolve } of group) resolve(shareOf(leafHashes, answer, asked));
  } catch (error) {
    if (group.length > 1 && isAboutRequest(error)) for (const each of group) await request([each]);
    else for (const { reject } of group) reject(error);
  }
}

/** Whether the log answered, but refused the request or made no sense: the cause may be one leaf, or their number. */
function isAboutRequest(error: unknown): boolean {
  return error instanceof LogError && error.code !== 'LOG_UNREACHABLE';
}

/** What of an answer is for the one who asked for these; what nobody asked for is shown to everybody. */
function shareOf(
  leafHashes: readonly string[],
  { entries, unreadable }: GatheredEntries,
  asked: readonly string[],
): GatheredEntries {
  const isFor = (name: string) =>
    leafHashes.some((own) => name.endsWith(own)) || !asked.some((any) => name.endsWith(any));
  return {
    entries: entries
      .filter(({ entry }) => isFor(entry.id.leafHash))
      .map((each) => ({ ...each, asked: leafHashes })),
    unreadable: unreadable.filter(({ name }) => isFor(name)),
  };
}
