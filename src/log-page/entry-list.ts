import { fingerprintShown } from './claimed-keys.ts';
import { element, foreign, numberText, timeElement } from './elements.ts';
import { fragmentOf } from './place.ts';
import type { ShownEntry } from './shown-entry.ts';

/** What else a list says of an entry, if anything. */
export type Remark = (entry: ShownEntry) => string | undefined;

/** Entries as a list; each leads to its own view. */
export async function entryList(entries: readonly ShownEntry[], remark?: Remark): Promise<HTMLElement> {
  const items = await Promise.all(entries.map((entry) => entryItem(entry, remark?.(entry))));
  return element('ol', { class: 'entries' }, ...items);
}

async function entryItem(entry: ShownEntry, remark: string | undefined): Promise<HTMLElement> {
  const { id, logIndex, integratedTime } = entry;
  const link = element(
    'a',
    { href: `#${fragmentOf({ kind: 'entry', id })}` },
    `Entry ${numberText(logIndex)}`,
  );
  const head = element('div', { class: 'entry-head' }, link, timeElement(integratedTime));
  const item = element('li', {}, head, ...(await contentLines(entry)));
  if (remark !== undefined) item.append(element('p', { class: 'remark' }, remark));
  return item;
}

async function contentLines({ content }: ShownEntry): Promise<HTMLElement[]> {
  if ('unread' in content) return [element('p', { class: 'remark' }, `Not shown here: ${content.unread}`)];
  const { keys, notShown } = content.signers;
  const [key] = keys;
  const others = keys.length - 1 + notShown;
  const fingerprint = key && (await fingerprintShown(key.body));
  const [userId] = key?.userIds ?? [];
  return [
    element('p', { class: 'hex' }, `sha256:${content.sha256}`),
    element(
      'p',
      { class: 'signer' },
      ...(userId === undefined
        ? [element('span', { class: 'quiet' }, 'A key without a name')]
        : [foreign(userId), ' ', element('span', { class: 'badge' }, 'name not proven')]),
      ...(fingerprint === undefined ? [] : [element('span', { class: 'hex' }, fingerprint)]),
      ...(others > 0 ? [element('span', { class: 'quiet' }, ` and ${numberText(others)} more keys`)] : []),
    ),
  ];
}
