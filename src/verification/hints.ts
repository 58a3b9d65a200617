import type { Hint } from '../errors.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';
import type { CheckId } from './checks.ts';

const NOT_PROVEN: Hint =
  'show the message to those who run the log: until it proves the entry, the chart is not verified';

const GET_BUNDLE_AGAIN: Hint = {
  consumer:
    'get file and bundle again, from where the publisher puts them; if that changes nothing, tell the publisher',
  publisher: 'sign the file again',
};

/**
 * What to do about each check that failed, where its result does not say more. A consumer cannot sign the
 * chart, and must not be led to trust what made the check fail.
 */
export const FAILED_CHECK_HINTS: Readonly<Record<CheckId, Hint>> = {
  'archive-digest': {
    consumer: 'get archive and provenance again, from where the publisher puts them',
    publisher: 'the archive was changed after it was signed: sign it again with helm sigstore sign --force',
  },
  'archive-name': {
    consumer: 'get archive and provenance again, from where the publisher puts them',
    publisher: 'sign each chart on its own, with helm sigstore sign --force',
  },
  'provenance-signature': {
    consumer:
      'get archive and provenance again, from where the publisher puts them; if that changes nothing, tell the publisher',
    publisher: 'sign the chart again, with helm sigstore sign --force',
  },
  statement: GET_BUNDLE_AGAIN,
  'bundle-binding': GET_BUNDLE_AGAIN,
  'entry-kind': NOT_PROVEN,
  'entry-binding': NOT_PROVEN,
  'entry-id': NOT_PROVEN,
  'log-key': NOT_PROVEN,
  'inclusion-promise': NOT_PROVEN,
  checkpoint: NOT_PROVEN,
  'inclusion-proof': NOT_PROVEN,
  'signed-time': GET_BUNDLE_AGAIN,
  certificate: {
    consumer:
      'ask the publisher which Sigstore certified the signer; --trusted-root names the trusted root of another one than the public',
    publisher: 'sign the chart again, with a certificate of a CA that your users trust',
  },
  signature: GET_BUNDLE_AGAIN,
  identity: {
    consumer: 'ask the publisher who signs the charts, in another way than by the chart',
    publisher: 'sign the chart by the identity that your users know',
  },
  'signer-key': {
    consumer: 'ask the publisher for a version that is signed and logged with a key that is good',
    publisher: 'sign the chart again with a key that is good today, and upload it',
  },
  'log-time': NOT_PROVEN,
  consistency: 'tell those who run the log, and others who use it, and show them both checkpoints',
};

/** What to do where a log signs with a key that is not among the trusted ones: that depends on who chose these. */
export function newLogKeyHint({ url, source }: Pick<TrustedLog, 'url' | 'source'>): Hint {
  if (source.root !== undefined) return 'helm sigstore trust update fetches the present keys of this log';
  const published = "if the log's operator published a new key";
  switch (source.kind) {
    case 'pin':
      return `${published}, pin all of its keys again: helm sigstore log pin ${url} shows them`;
    case 'trusted-root':
      return `${published}, get the trusted root that has it, and name that with --trusted-root`;
    case 'public-key-file':
      return `${published}, name its file as well, with --rekor-public-key`;
    case 'first-use':
    case 'built-in':
    case 'refreshed':
      return "ask the log's operator which keys it has, and name their file with --rekor-public-key";
  }
}
