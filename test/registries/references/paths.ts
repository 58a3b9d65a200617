import type { Reference, Stop } from './reference.ts';

/** Files on disk, which no Helm has to bring. */
export const PATHS: readonly Reference[] = [
  path('an archive', (at) => at.file, 'hello-0.1.0'),
  path('its provenance', (at) => `${at.file}.prov`, { status: 3, says: 'give the archive' }),
  path(
    'an archive whose name has a plus sign',
    (at) => `${at.folder}/hello-1.2.3+build.5.tgz`,
    'hello-1.2.3+build.5',
  ),
  path('nothing there', (at) => `${at.folder}/missing-0.1.0.tgz`, { status: 3, says: 'missing-0.1.0.tgz' }),
  path('what is a folder and a chart of a repository', () => 'twice/hello', {
    status: 2,
    says: './twice/hello',
  }),
];

function path(
  what: string,
  word: (at: Parameters<Reference['words']>[0]) => string,
  becomes: string | Stop,
): Reference {
  return { what: `path: ${what}`, words: (at) => [word(at)], becomes };
}
