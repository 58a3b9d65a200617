import type { GivenKey } from './given-key.ts';
import { element, numberText } from './elements.ts';
import { entryList, type Remark } from './entry-list.ts';
import { ENTRIES_AT_ONCE, MOST_FOUND, type LogApi } from './log-api.ts';
import { fragmentOf, type Place } from './place.ts';
import type { ShownEntry } from './shown-entry.ts';

/** A search whose result has pages. */
export type SearchPlace = Extract<Place, { readonly page: number }>;

/**
 * A page of the entries with these IDs.
 * @throws Unanswered
 */
export async function resultView(
  ids: readonly string[],
  { place, api, remark }: { readonly place: SearchPlace; readonly api: LogApi; readonly remark?: Remark },
): Promise<HTMLElement[]> {
  const listed = ids.slice(0, MOST_FOUND);
  const pages = Math.ceil(listed.length / ENTRIES_AT_ONCE);
  const page = Math.min(place.page, pages);
  const asked = listed.slice((page - 1) * ENTRIES_AT_ONCE, page * ENTRIES_AT_ONCE);
  const entries = await api.entries({ entryUUIDs: asked });
  const views = [await entryList(entries, remark)];
  if (ids.length > MOST_FOUND)
    views.unshift(
      element(
        'p',
        { class: 'note' },
        `There are more than ${numberText(MOST_FOUND)} entries. The log lists the first of them only.`,
      ),
    );
  if (pages > 1) views.push(pager(place, page, pages));
  return views;
}

/** Marks entries that were found by an address of a key, and have another key. */
export function remarkOnKey({ key }: GivenKey): Remark {
  const wanted = key.body.join();
  return ({ content }: ShownEntry) =>
    'unread' in content || content.signers.keys.some(({ body }) => body.join() === wanted)
      ? undefined
      : 'Another key, which names the same e-mail address.';
}

function pager(place: SearchPlace, page: number, pages: number): HTMLElement {
  const link = (to: number, text: string): HTMLElement =>
    to < 1 || to > pages
      ? element('span', { class: 'quiet' }, text)
      : element('a', { href: `#${fragmentOf({ ...place, page: to })}` }, text);
  return element(
    'nav',
    { class: 'pager', 'aria-label': 'Pages of the result' },
    link(page - 1, '← Newer'),
    element('span', {}, `Page ${numberText(page)} of ${numberText(pages)}`),
    link(page + 1, 'Older →'),
  );
}
