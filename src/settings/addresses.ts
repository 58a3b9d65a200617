import { parseBaseUrl, type BaseUrl } from '../http/base-url.ts';
import { OPTIONS, spellingOf } from './options.ts';
import type { Given, Settings } from './settings.ts';

/** The log of this run. @throws UsageError when the URL cannot be one. */
export function rekorServerOf(settings: Settings<'rekorServer'>): BaseUrl {
  return addressOf('rekorServer', settings.given('rekorServer'));
}

/** The base URL of the TUF repository with Sigstore's trusted root. @throws UsageError when it cannot be one. */
export function tufMirrorOf(settings: Settings<'tufMirror'>): string {
  return addressOf('tufMirror', settings.given('tufMirror')).href;
}

/** What chose the log of a run, in words. */
export function whatChoseLog(settings: Settings<'rekorServer'>): string {
  return ORIGIN[settings.given('rekorServer').from];
}

const ORIGIN: Record<Given['from'], string> = {
  flag: '--rekor-server',
  variable: 'REKOR_SERVER',
  configuration: 'chosen by log use',
  default: "Sigstore's public log",
  nowhere: 'nothing',
};

function addressOf(name: 'rekorServer' | 'tufMirror', { values, from }: Given): BaseUrl {
  const { variable, default: preset } = OPTIONS[name];
  return parseBaseUrl(values[0] ?? preset, from === 'variable' ? variable : spellingOf(name));
}
