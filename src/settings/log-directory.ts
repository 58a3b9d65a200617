import { UsageError } from '../errors.ts';
import type { Settings } from './settings.ts';

/** The directory of a log that is there. @throws UsageError when none is named */
export function logDirectoryOf(settings: Settings<'directory'>): string {
  const directory = settings.one('directory');
  if (directory !== undefined) return directory;
  throw new UsageError('--dir is expected, found none', 'name the directory of the log: --dir ./log');
}
