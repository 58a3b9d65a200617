import { excerpt } from '../encoding.ts';
import { UsageError } from '../errors.ts';
import type { KEY_OF_LOG_OPTIONS, LOG_MAKING_OPTIONS } from './option-groups.ts';
import type { Settings } from './settings.ts';

/** Where the key of a log is, when it is not in its directory. */
export interface LogKeySource {
  readonly keyFile?: string;
  readonly passphraseFile?: string;
}

/** What is decided when a log is made, and where its key is. */
export interface LogMaking extends LogKeySource {
  readonly name?: string;
  readonly publicUrl?: string;
}

/** What the options say of how a log is made. @throws UsageError when the address is none */
export function logMakingOf(settings: Settings<(typeof LOG_MAKING_OPTIONS)[number]>): LogMaking {
  const name = settings.one('origin');
  const publicUrl = settings.one('publicUrl');
  if (publicUrl !== undefined && !isPlainUrl(publicUrl))
    throw new UsageError(
      `--public-url expects a URL such as https://log.example.com, found ${excerpt(publicUrl)}`,
    );
  return {
    ...logKeySourceOf(settings),
    ...(name !== undefined && { name }),
    ...(publicUrl !== undefined && { publicUrl }),
  };
}

/** Where the options say that the key of a log is. */
export function logKeySourceOf(settings: Settings<(typeof KEY_OF_LOG_OPTIONS)[number]>): LogKeySource {
  const keyFile = settings.one('logKey');
  const passphraseFile = settings.one('logPassphraseFile');
  return {
    ...(keyFile !== undefined && { keyFile }),
    ...(passphraseFile !== undefined && { passphraseFile }),
  };
}

/** A URL of a server that all may see: without credentials, query or fragment. */
function isPlainUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && [username, password, search, hash].every((part) => part === '');
}
