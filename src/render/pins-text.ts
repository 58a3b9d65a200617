import { formatTime } from '../encoding.ts';
import type { Pin } from '../trust/pins.ts';
import { logKeyMembers } from './trust-text.ts';

type KeptPin = Pin & { readonly path: string };

/** The log that is used where none is named. */
export interface DefaultLog {
  readonly url: string;
  /** Whether `log use` chose it; if not, it is the public log. */
  readonly isChosen: boolean;
}

/** The default log, then each pin with an empty line before it. */
export function pinsText(pins: readonly KeptPin[], byDefault: DefaultLog | undefined): string[] {
  return [
    ...(byDefault === undefined
      ? []
      : [`Default Rekor Server: ${byDefault.url} (${originInWords(byDefault)})`]),
    ...(pins.length === 0 ? ['Pins: none'] : []),
    ...pins.flatMap(({ url, keys, pinnedAt, path }) => [
      '',
      `Rekor Server: ${url}`,
      ...keys.map(({ logId }) => `Fingerprint: ${logId}`),
      `Pinned At: ${formatTime(pinnedAt)}`,
      `Pin: ${path}`,
    ]),
  ];
}

/** A pin, as members of JSON. */
export function pinMembers({ url, keys, pinnedAt, path }: KeptPin): Record<string, unknown> {
  return { url, keys: logKeyMembers(keys), pinnedAt: formatTime(pinnedAt), path };
}

function originInWords({ isChosen }: DefaultLog): string {
  return isChosen ? 'chosen by log use' : "Sigstore's public log";
}
