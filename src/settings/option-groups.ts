import type { OptionName } from './options.ts';
import { SERVING } from './serving-options.ts';

/** Options that belong together: a function reads one group, and a command takes those of its functions. */

/** How servers are spoken to. */
const NETWORK_OPTIONS = ['caFile', 'timeout'] as const satisfies OptionName[];

/** How a log is spoken to: what `withConnection` reads. */
export const CONNECTION_OPTIONS = ['logTokenFile', ...NETWORK_OPTIONS] as const satisfies OptionName[];

/** Which log it is, and which keys of it are trusted: what `trustSelection` reads. */
export const TRUST_OPTIONS = ['rekorServer', 'rekorPublicKey', 'trustedRoot'] as const satisfies OptionName[];

/** A log to ask: what `withLog` reads. */
export const LOG_OPTIONS = [
  ...TRUST_OPTIONS,
  'firstUse',
  ...CONNECTION_OPTIONS,
] as const satisfies OptionName[];

/** To ask a log for its keys and compare them with the expected ones: what `askForKeys` reads. */
export const LOG_KEY_OPTIONS = ['logFingerprint', ...CONNECTION_OPTIONS] as const satisfies OptionName[];

/** The keys of publishers: what `openUserKeyring` reads. */
export const KEYRING_OPTIONS = [
  'keyring',
  'publicKey',
  'fingerprint',
  ...NETWORK_OPTIONS,
] as const satisfies OptionName[];

/** A file of keys to fetch, and the keys that are expected in it. */
export const KEY_SOURCE_OPTIONS = ['fingerprint', ...NETWORK_OPTIONS] as const satisfies OptionName[];

/** Whose signature a chart must have: what `requirementsOf` reads. */
export const SIGNER_OPTIONS = ['fingerprint', 'allowWeak'] as const satisfies OptionName[];

/** Whose signature a Sigstore bundle must have: what `wantedSignersOf` reads. */
export const BUNDLE_SIGNER_OPTIONS = [
  'certificateIdentity',
  'certificateIdentityPattern',
  'certificateIssuer',
  'verificationKey',
] as const satisfies OptionName[];

/** How a log is made, and where its key is: what `logMakingOf` reads. */
export const LOG_MAKING_OPTIONS = [
  'logKey',
  'logPassphraseFile',
  'origin',
  'publicUrl',
] as const satisfies OptionName[];

/** Which log gets a new tree, and with which key: what `log rotate` reads. */
export const ROTATING_OPTIONS = [
  'directory',
  'newLogKey',
  'logPassphraseFile',
] as const satisfies OptionName[];
/** Where the key of a log is: what `logKeySourceOf` reads. */
export const KEY_OF_LOG_OPTIONS = ['logKey', 'logPassphraseFile'] as const satisfies OptionName[];

/** Which charts a command line names: what `withCharts` reads. */
export const CHART_OPTIONS = ['fromFile', 'chartsDir'] as const satisfies OptionName[];

/** How the servers of charts are spoken to: what `ChartServers` reads. */
export const REGISTRY_OPTIONS = [
  'plainHttp',
  'certFile',
  'keyFile',
  ...NETWORK_OPTIONS,
] as const satisfies OptionName[];

/** How charts are fetched that are elsewhere: what `withCharts` reads. */
export const REFERENCE_OPTIONS = [
  'version',
  'repo',
  'devel',
  ...REGISTRY_OPTIONS,
] as const satisfies OptionName[];

/** What every command takes that holds charts against a log. */
export const PROVING_OPTIONS = [
  ...LOG_OPTIONS,
  ...KEYRING_OPTIONS,
  ...SIGNER_OPTIONS,
  ...CHART_OPTIONS,
] as const satisfies OptionName[];

/** How charts are signed, and what is done with the signatures: what `answerSigned` reads. */
export const SIGNING_OPTIONS = [
  'signKey',
  'passphraseFile',
  'digest',
  'force',
  'upload',
  'identity',
  'identityToken',
  'signingConfig',
  'signatureFormat',
  'rekorVersion',
  ...LOG_OPTIONS,
  ...KEYRING_OPTIONS,
  ...CHART_OPTIONS,
  'evidence',
  'noEvidence',
  'verbose',
] as const satisfies OptionName[];

/** What every command takes that verifies charts, wherever they are: what `answerForNamed` reads, and which policy is obeyed. */
export const VERIFYING_OPTIONS = [
  ...PROVING_OPTIONS,
  ...REFERENCE_OPTIONS,
  'as',
  'evidence',
  'offline',
  'requireConsistency',
  'policy',
] as const satisfies OptionName[];

/** Where Sigstore's trusted root is fetched from when the user asks for that. */
export const TUF_OPTIONS = ['tufMirror', ...NETWORK_OPTIONS] as const satisfies OptionName[];

export type TrustOption = (typeof TRUST_OPTIONS)[number];
export type LogOption = (typeof LOG_OPTIONS)[number];
export type LogKeyOption = (typeof LOG_KEY_OPTIONS)[number];
export type KeyringOption = (typeof KEYRING_OPTIONS)[number];
export type KeySourceOption = (typeof KEY_SOURCE_OPTIONS)[number];
export type SignerOption = (typeof SIGNER_OPTIONS)[number];
/** How the bundles of charts are judged: what `askedBundlesOf` reads. */
export const CHART_BUNDLE_OPTIONS = [
  ...BUNDLE_SIGNER_OPTIONS,
  'predicateType',
  'requireKinds',
  'requireProof',
] as const satisfies OptionName[];

/** Which of the signers that a policy accepts has to be among those of a chart, and how strictly: what narrows a policy. */
export const NARROWING_OPTIONS = [
  'certificateIdentity',
  'certificateIdentityPattern',
  'certificateIssuer',
  'requireProof',
] as const satisfies OptionName[];

export type ChartBundleOption = (typeof CHART_BUNDLE_OPTIONS)[number];
export type BundleSignerOption = (typeof BUNDLE_SIGNER_OPTIONS)[number];
export type ChartOption = (typeof CHART_OPTIONS)[number];
export type ReferenceOption = (typeof REFERENCE_OPTIONS)[number];
export type RegistryOption = (typeof REGISTRY_OPTIONS)[number];
export type ConnectionOption = (typeof CONNECTION_OPTIONS)[number];
export type NetworkOption = (typeof NETWORK_OPTIONS)[number];
export type SigningOption = (typeof SIGNING_OPTIONS)[number];
export type VerifyingOption = (typeof VERIFYING_OPTIONS)[number];
export type TufOption = (typeof TUF_OPTIONS)[number];

/** How a log is served: what `log serve` reads. */
export const SERVING_OPTIONS = Object.keys(SERVING) as (keyof typeof SERVING)[];

export type ServingOption = (typeof SERVING_OPTIONS)[number];
