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
  const [key] = content.signers.keys;
  const fingerprint = key && (await fingerprintShown(key.body));
  const [userId] = key?.userIds ?? [];
  return [
    element('p', { class: 'hex' }, `sha256:${content.sha256}`),
    element(
      'p',
      { class: 'signer' },
      ...(userId === undefined ? ['A key without a name'] : ['A key that says it is of ', foreign(userId)]),
      ...(fingerprint === undefined ? [] : [element('span', { class: 'hex' }, fingerprint)]),
    ),
  ];
}
