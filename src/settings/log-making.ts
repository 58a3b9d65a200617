import { excerpt } from '../encoding.ts';
import { UsageError } from '../errors.ts';
import type { LOG_MAKING_OPTIONS } from './option-groups.ts';
import type { Settings } from './settings.ts';

/** What is decided when a log is made, and where its key is. */
export interface LogMaking {
  readonly keyFile?: string;
  readonly passphraseFile?: string;
  readonly name?: string;
  readonly publicUrl?: string;
}

/** What the options say of how a log is made. @throws UsageError when the address is none */
export function logMakingOf(settings: Settings<(typeof LOG_MAKING_OPTIONS)[number]>): LogMaking {
  const keyFile = settings.one('logKey');
  const passphraseFile = settings.one('logPassphraseFile');
  const name = settings.one('origin');
  const publicUrl = settings.one('publicUrl');
  if (publicUrl !== undefined && !isPlainUrl(publicUrl))
    throw new UsageError(
      `--public-url expects a URL such as https://log.example.com, found ${excerpt(publicUrl)}`,
    );
  return {
    ...(keyFile !== undefined && { keyFile }),
    ...(passphraseFile !== undefined && { passphraseFile }),
    ...(name !== undefined && { name }),
    ...(publicUrl !== undefined && { publicUrl }),
  };
}

/** A URL of a server that all may see: without credentials, query or fragment. */
function isPlainUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && [username, password, search, hash].every((part) => part === '');
}
