import { fingerprintShown, type ClaimedKey } from './claimed-keys.ts';
import { command, element, foreign, numberText, timeElement } from './elements.ts';
import { foreignText } from './foreign-text.ts';
import { provingCommands } from './proving-commands.ts';
import type { HelmContent, ShownEntry } from './shown-entry.ts';

/** What an entry is shown with. */
export interface EntrySurroundings {
  /** The address of this page. */
  readonly page: string;
  /** The name of the file with this digest, if somebody chose one here. */
  readonly fileNamed: (sha256: string) => string | undefined;
  /** Says something in passing, also to screen readers. */
  readonly say: (text: string) => void;
}

/** All that the page shows of an entry, below its heading. */
export async function entryView(entry: ShownEntry, surroundings: EntrySurroundings): Promise<HTMLElement[]> {
  const { content } = entry;
  const file = 'unread' in content ? undefined : surroundings.fileNamed(content.sha256);
  const logged =
    'unread' in content
      ? [section('Content', element('p', {}, `This page does not show it: ${content.unread}.`))]
      : [chartSection(content, file), await signerSection(content)];
  return [...logged, placeSection(entry, surroundings.page), proofSection(file, surroundings)];
}

function chartSection({ sha256 }: HelmContent, file: string | undefined): HTMLElement {
  const name =
    file === undefined
      ? element('span', { class: 'quiet' }, 'Not in the log, which keeps digests and no names')
      : foreign(foreignText(file));
  return section('Chart', facts(['File', name], ['SHA-256', element('span', { class: 'hex' }, sha256)]));
}

async function signerSection({ signers }: HelmContent): Promise<HTMLElement> {
  const { keys, notShown } = signers;
  const described = await Promise.all(keys.map(keyFacts));
  const more =
    notShown > 0 ? [element('p', { class: 'quiet' }, `Keys not shown: ${numberText(notShown)}`)] : [];
  return section(
    keys.length > 1 ? 'Keys' : 'Signer',
    ...described,
    ...more,
    element(
      'p',
      { class: 'note' },
      'Anybody can make a key that bears any name. Only the fingerprint says whose key it is: compare it with the one that the publisher gives.',
    ),
  );
}

async function keyFacts({ body, userIds, userIdsNotShown }: ClaimedKey): Promise<HTMLElement> {
  const fingerprint = await fingerprintShown(body);
  const names = userIds.map((userId) => element('li', {}, foreign(userId)));
  if (userIdsNotShown > 0)
    names.push(element('li', { class: 'quiet' }, `and ${numberText(userIdsNotShown)} more`));
  return facts(
    [
      'Fingerprint',
      fingerprint === undefined
        ? element('span', { class: 'quiet' }, 'Not computed: that takes a key of version 4 or 6, and https')
        : element('span', { class: 'hex' }, fingerprint),
    ],
    [
      'Names, not proven',
      names.length === 0
        ? element('span', { class: 'quiet' }, 'None')
        : element('ul', { class: 'plain' }, ...names),
    ],
  );
}

function placeSection({ id, logIndex, integratedTime, place }: ShownEntry, page: string): HTMLElement {
  const leaf = place && `Leaf ${numberText(place.index)} of a tree of ${numberText(place.treeSize)}`;
  const href = new URL(`api/v1/log/entries/${id}`, page).href;
  return section(
    'Place in the log',
    facts(
      ['Logged', timeElement(integratedTime)],
      ['Log index', element('span', {}, numberText(logIndex))],
      ['Tree', element('span', {}, leaf ?? 'The log does not say')],
      ['Entry ID', element('span', { class: 'hex' }, id)],
    ),
    element('p', {}, element('a', { href, class: 'raw' }, 'The entry as the log gives it (JSON)')),
  );
}

function proofSection(file: string | undefined, { page, say }: EntrySurroundings): HTMLElement {
  const { pin, verify } = provingCommands(page, file);
  const made = section(
    'Prove it',
    element(
      'p',
      { class: 'warning' },
      'A page of the log proves nothing about the log. Your own machine proves it, with a key of the log that you trust:',
    ),
    element(
      'p',
      {},
      'Once, see the fingerprint of the log’s key, and compare it with the one that the operator of the log gave you:',
    ),
    command(pin, say),
    element('p', {}, 'Then verify the chart, with its .prov file beside it:'),
    command(verify, say),
  );
  made.classList.add('proof');
  return made;
}

function section(title: string, ...children: readonly HTMLElement[]): HTMLElement {
  return element('section', { class: 'card' }, element('h3', {}, title), ...children);
}

function facts(...rows: readonly (readonly [name: string, value: HTMLElement])[]): HTMLElement {
  return element(
    'dl',
    {},
    ...rows.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
  );
}
