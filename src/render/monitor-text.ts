import { formatTime } from '../encoding.ts';
import type { Diagnosis } from '../errors.ts';
import type { MonitorEvent } from '../monitor/event.ts';
import type { NamedFile } from '../monitor/signed-texts.ts';
import { checkMembers } from './json.ts';

type Of<Name extends MonitorEvent['event']> = Extract<MonitorEvent, { event: Name }>;
type AboutEntry = Of<'published' | 'unknown'>;

/** An event for JSON, also for a program that is told of it. */
export function eventMembers(event: MonitorEvent): Record<string, unknown> {
  switch (event.event) {
    case 'published':
      return { event: event.event, archive: event.archive, ...entryMembers(event) };
    case 'unknown':
      return { event: event.event, ...aboutMembers(event), ...entryMembers(event) };
    case 'unlogged':
      return { event: event.event, archive: event.archive };
    case 'conflict': {
      const { tree, reason, before, now } = event;
      return { event: event.event, treeId: tree, reason, ...(before && { before }), ...(now && { now }) };
    }
    case 'behind':
      return { event: event.event, reason: event.reason, since: formatTime(event.since) };
  }
}

/** Of the published archive that an unknown entry is about as well. */
function aboutMembers({ about }: Of<'unknown'>): object {
  if (about === undefined) return {};
  const { files, count } = about.unpublished;
  const more = count - files.length;
  return {
    archive: about.archive,
    unpublished: files.map(({ name, digests }) => ({ ...(name !== undefined && { name }), digests })),
    ...(more > 0 && { unpublishedNotShown: more }),
  };
}

function entryMembers({ entry, place, checks }: AboutEntry): object {
  const { tree, index, leafHash, uuid, integratedTime } = place;
  return {
    entry: {
      treeId: tree,
      ...(index !== undefined && { index }),
      leafHash,
      ...(uuid !== undefined && { uuid }),
      ...(integratedTime !== undefined && { integratedTime: formatTime(integratedTime) }),
    },
    ...(entry && {
      kind: entry.kind,
      signed: entry.signed,
      signer: entry.signer,
      watched: entry.by,
      ...(entry.others > 0 && { othersInEntry: entry.others }),
    }),
    checks: checkMembers(checks),
  };
}

/** An event for people. */
export function eventText(event: MonitorEvent): string[] {
  switch (event.event) {
    case 'published':
      return [`Published: ${event.archive.name} (sha256:${event.archive.sha256})`, ...entryLines(event)];
    case 'unknown':
      return [`Unknown: ${signedInWords(event)}`, ...aboutLines(event), ...entryLines(event)];
    case 'unlogged':
      return [
        `Unlogged: ${event.archive.name} (sha256:${event.archive.sha256})`,
        '  Warning: it is published, and no entry for it is known in the log',
      ];
    case 'conflict':
      return [
        `Conflict: tree ${event.tree}`,
        ...noteLines('Checkpoint Seen Before', event.before),
        ...noteLines('Checkpoint Seen Now', event.now),
      ];
    case 'behind':
      return [`Behind: since ${formatTime(event.since)}`];
  }
}

function aboutLines({ about }: Of<'unknown'>): string[] {
  if (about === undefined) return [];
  const { archive, unpublished, isOtherProvenance } = about;
  const more = unpublished.count - unpublished.files.length;
  return [
    `  About: ${archive.name}${isOtherProvenance ? ', but of another provenance than the one beside it' : ''}`,
    ...unpublished.files.map((file) => `  Also About: ${fileInWords(file)}, which is not published`),
    ...(more > 0 ? [`  Also About: ${more} more`] : []),
  ];
}

function fileInWords({ name = 'a file without a name', digests }: NamedFile): string {
  return `${name} (${digests.length > 0 ? digests.join(', ') : 'without a digest'})`;
}

/** What an unknown entry is about, for the line of the error. */
function whatInWords(event: Of<'unknown'>): string {
  if (event.about === undefined) return signedInWords(event);
  const { archive, unpublished, isOtherProvenance } = event.about;
  if (isOtherProvenance)
    return `it is about ${archive.name}, but of another provenance than the one that is beside it`;
  const more = unpublished.count - unpublished.files.length;
  const others = unpublished.files.map(fileInWords).join(', ');
  return `it is about ${archive.name}, and also about ${others}${more > 0 ? ` and ${more} more` : ''}`;
}

function signedInWords({ entry }: Pick<AboutEntry, 'entry'>): string {
  if (entry === undefined) return 'an entry that could not be read';
  const { kind, algorithm, hex } = entry.signed;
  return `${kind === 'payload' ? 'statement ' : ''}${algorithm}:${hex}`;
}

function entryLines({ entry, place }: AboutEntry): string[] {
  const { tree, index, uuid, integratedTime } = place;
  return [
    `  Entry: ${index ?? 'one'} of tree ${tree}`,
    ...(uuid === undefined ? [] : [`  UUID: ${uuid}`]),
    ...(integratedTime === undefined ? [] : [`  Logged At: ${formatTime(integratedTime)}`]),
    ...(entry ? [`  Kind: ${entry.kind}`, `  Signed By: ${entry.signer}`, `  Watched As: ${entry.by}`] : []),
    ...(entry && entry.others > 0
      ? [`  Others In Entry: ${entry.others}; one of their keys may have signed`]
      : []),
  ];
}

function noteLines(title: string, note: string | undefined): string[] {
  if (note === undefined) return [];
  const lines = note.trimEnd().split('\n');
  return [`  ${title}:`, ...lines.map((line) => (line === '' ? '' : `    ${line}`))];
}

/** What is wrong, if something is. @param server the URL of the log */
export function eventDiagnosis(event: MonitorEvent, server: string): Diagnosis | undefined {
  switch (event.event) {
    case 'published':
    case 'unlogged':
      return undefined;
    case 'unknown':
      return {
        code: 'REJECTED',
        message: `${server} has an entry of ${event.entry?.by ?? 'one who is watched for'} that is not published: ${whatInWords(event)}`,
        hint: 'find out who signed it: if nobody of yours did, revoke the key, or take the rights of the workflow or account away',
      };
    case 'conflict':
      return {
        code: 'REJECTED',
        message: `${server}, tree ${event.tree}: ${event.reason}`,
        hint: 'keep the state and both checkpoints, tell those who run the log, and others who use it',
      };
    case 'behind':
      return {
        code: 'UNCHECKED',
        message: `${server} could not be followed to its end: ${event.reason}`,
        hint: 'run it again later: it goes on where it ended',
      };
  }
}
