import type { GivenKey } from './given-key.ts';
import { element, foreign, numberText } from './elements.ts';
import { entryList } from './entry-list.ts';
import { entryView, type EntrySurroundings } from './entry-view.ts';
import { foreignText } from './foreign-text.ts';
import { ENTRIES_AT_ONCE, MOST_FOUND, type LogApi } from './log-api.ts';
import type { Place } from './place.ts';
import { remarkOnKey, resultView, type SearchPlace } from './result-view.ts';

/** What is shown at a place. */
export interface View {
  /** Ours, never foreign text. */
  readonly title: string;
  /** What was looked for, under the title. */
  readonly about?: HTMLElement;
  readonly parts: readonly HTMLElement[];
}

/** What views are made with. */
export interface ViewContext extends EntrySurroundings {
  readonly api: LogApi;
  /** The key that somebody gave to this page, if any. */
  readonly key: GivenKey | undefined;
}

/** What the page shows at a place. @throws Unanswered when the log does not say */
export async function viewOf(place: Place, context: ViewContext): Promise<View> {
  switch (place.kind) {
    case 'home':
      return await homeView(context);
    case 'entry':
      return await singleView({ entryUUIDs: [place.id] }, context);
    case 'index':
      return await singleView({ logIndexes: [place.index] }, context);
    case 'hash':
      return await digestView(place, context);
    case 'email':
      return await foundView(await context.api.findByEmail(place.email), place, context, {
        about: element('p', { class: 'about' }, foreign(foreignText(place.email))),
        none: 'No key of an entry names this e-mail address. Upper and lower case make no difference.',
      });
    case 'key':
      return await keyView(place, context);
  }
}

async function homeView({ api }: ViewContext): Promise<View> {
  const { treeSize, treeId } = await api.state();
  const about = element(
    'p',
    { class: 'about' },
    `${numberText(treeSize)} ${treeSize === 1 ? 'entry' : 'entries'} · tree ${treeId}`,
  );
  if (treeSize === 0)
    return {
      title: 'Newest entries',
      about,
      parts: [message('This log has no entries yet. “helm sigstore upload CHART.tgz” adds one.')],
    };
  const count = Math.min(treeSize, ENTRIES_AT_ONCE);
  const logIndexes = Array.from({ length: count }, (_, at) => treeSize - 1 - at);
  return { title: 'Newest entries', about, parts: [await entryList(await api.entries({ logIndexes }))] };
}

async function singleView(asked: Parameters<LogApi['entries']>[0], context: ViewContext): Promise<View> {
  const [entry] = await context.api.entries(asked);
  if (entry === undefined) {
    const parts = [message('This log has no such entry. Another log may have it.')];
    return { title: 'No such entry', parts };
  }
  return { title: `Entry ${numberText(entry.logIndex)}`, parts: await entryView(entry, context) };
}

async function digestView(
  place: SearchPlace & { readonly kind: 'hash' },
  context: ViewContext,
): Promise<View> {
  const { api, fileNamed } = context;
  const ids = await api.findByDigest(place.sha256);
  if (ids.length === 0) {
    // Sixty-four digits may be the ID of an entry as well.
    const [entry] = await api.entries({ entryUUIDs: [place.sha256] });
    if (entry !== undefined)
      return { title: `Entry ${numberText(entry.logIndex)}`, parts: await entryView(entry, context) };
  }
  const file = fileNamed(place.sha256);
  const named = file === undefined ? [] : [foreign(foreignText(file)), ' '];
  return await foundView(ids, place, context, {
    about: element(
      'p',
      { class: 'about' },
      ...named,
      element('span', { class: 'hex' }, `sha256:${place.sha256}`),
    ),
    none: 'This log has no entry of a file with this digest. A chart that was packed again, or changed by one byte, has another digest.',
  });
}

async function keyView(place: SearchPlace, context: ViewContext): Promise<View> {
  const { key, api } = context;
  if (key === undefined)
    return {
      title: 'Which key?',
      parts: [message('A link cannot hold a key. Choose it again, under “Search by public key”.')],
    };
  const names = key.key.userIds.slice(0, 1).map((userId) => foreign(userId));
  return await foundView(await api.findByKey(key), place, context, {
    about: element(
      'p',
      { class: 'about' },
      'The key that you gave',
      ...(names.length > 0 ? [', of '] : []),
      ...names,
    ),
    none: 'No entry has this key, or one that names its e-mail addresses.',
  });
}

async function foundView(
  ids: readonly string[],
  place: SearchPlace,
  { api, key }: ViewContext,
  { about, none }: { readonly about: HTMLElement; readonly none: string },
): Promise<View> {
  if (ids.length === 0) return { title: 'Nothing found', about, parts: [message(none)] };
  const count = ids.length > MOST_FOUND ? `More than ${numberText(MOST_FOUND)}` : numberText(ids.length);
  const remark = place.kind === 'key' && key !== undefined ? { remark: remarkOnKey(key) } : {};
  return {
    title: `${count} ${ids.length === 1 ? 'entry' : 'entries'} found`,
    about,
    parts: await resultView(ids, { place, api, ...remark }),
  };
}

/** A sentence in place of a result. */
export function message(text: string): HTMLElement {
  return element('p', { class: 'message' }, text);
}
