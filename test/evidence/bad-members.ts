export const HASH = Buffer.alloc(32, 7);
const ENTRY = 'entries.0';
export const PROOF = `${ENTRY}.inclusionProof`;

/** Members of an evidence file that make it malformed: the path, the value (`undefined`: it is missing), and what is said of it. */
export const BAD_MEMBERS: readonly (readonly [path: string, value: unknown, message: string])[] = [
  ['mediaType', 'application/vnd.dev.sigstore.bundle.v0.3+json', 'mediaType: expected'],
  ['mediaType', 'application/vnd.helm-sigstore.evidence.v1+JSON', 'mediaType: expected'],
  ['mediaType', 'application/vnd.helm-sigstore.evidence.v0+json', 'mediaType: expected'],
  ['mediaType', ['application/vnd.helm-sigstore.evidence.v1+json'], 'mediaType: expected'],
  ['log', undefined, 'log: expected a string, found nothing'],
  ['log', 7, 'log: expected a string, found 7'],
  ['log', 'rekor.example.com', 'expected log to be a URL'],
  ['log', 'file:///etc/passwd', 'expected log to be a URL'],
  ['log', 'https://user:secret@rekor.example.com', 'expected log to be a URL without credentials'],
  ['log', 'https://rekor.example.com?token=secret', 'found a query'],
  ['log', 'https://rekor.example.com/', 'log: expected the address of a server in its usual spelling'],
  ['log', 'https://REKOR.example.com', 'log: expected the address of a server in its usual spelling'],
  ['log', `https://rekor.example.com/${'a'.repeat(2048)}`, 'log: expected at most 2048 characters'],
  ['entries', undefined, 'entries: expected an array, found nothing'],
  ['entries', [], 'entries: expected one entry or more, found an array'],
  ['entries', {}, 'entries: expected an array, found an object'],
  ['entries', [null], 'entries.0: expected an object, found null'],
  ['more', 1, 'expected no member "more"'],
  [`${ENTRY}.more`, 1, 'entries.0: expected no member "more"'],
  [`${ENTRY}.logId.more`, 1, 'entries.0.logId: expected no member "more"'],
  [`${ENTRY}.kindVersion.more`, 1, 'entries.0.kindVersion: expected no member "more"'],
  [`${ENTRY}.inclusionPromise.more`, 1, 'entries.0.inclusionPromise: expected no member "more"'],
  [`${PROOF}.more`, 1, 'entries.0.inclusionProof: expected no member "more"'],
  [`${PROOF}.checkpoint.more`, 1, 'entries.0.inclusionProof.checkpoint: expected no member "more"'],
  [`${ENTRY}.kindVersion.kind`, 'hashedrekord', 'kind: expected "helm", found "hashedrekord"'],
  [`${ENTRY}.kindVersion.version`, '0.0.2', 'version: expected "0.0.1", found "0.0.2"'],
  [`${ENTRY}.logId.keyId`, HASH.toString('hex'), 'keyId: expected base64 of 32 bytes'],
  [`${ENTRY}.logId.keyId`, HASH.toString('base64').replace('=', ''), 'keyId: expected base64 of 32 bytes'],
  [`${ENTRY}.logId.keyId`, `${'/'.repeat(43)}=`, 'not canonical base64'],
  [`${ENTRY}.inclusionPromise`, undefined, 'inclusionPromise: expected an object, found nothing'],
  [`${ENTRY}.inclusionPromise.signedEntryTimestamp`, 'AAA', 'not canonical base64'],
  [`${ENTRY}.inclusionPromise.signedEntryTimestamp`, 'AA_-', 'not canonical base64'],
  [`${ENTRY}.inclusionPromise.signedEntryTimestamp`, 'AAAA\n', 'not canonical base64'],
  [`${ENTRY}.inclusionPromise.signedEntryTimestamp`, 'A'.repeat(4100), 'expected at most 4096 characters'],
  [`${ENTRY}.canonicalizedBody`, 'e31=', 'not canonical base64'],
  [`${ENTRY}.canonicalizedBody`, undefined, 'canonicalizedBody: expected a string, found nothing'],
  [PROOF, undefined, 'inclusionProof: expected an object, found nothing'],
  [`${PROOF}.hashes`, undefined, 'hashes: expected an array, found nothing'],
  [`${PROOF}.hashes`, [HASH.subarray(1).toString('base64')], 'hashes.0: expected base64 of 32 bytes'],
  [`${PROOF}.checkpoint`, undefined, 'checkpoint: expected an object, found nothing'],
  [`${PROOF}.checkpoint.envelope`, 'a'.repeat(16_385), 'envelope: expected at most 16384 characters'],
];

const NUMBERS = [`${ENTRY}.logIndex`, `${ENTRY}.integratedTime`, `${PROOF}.logIndex`, `${PROOF}.treeSize`];
const FORMS = [
  4,
  '04',
  '+4',
  '-4',
  '4.0',
  '4e0',
  '0x4',
  ' 4',
  '',
  null,
  '9007199254740992',
  '99999999999999999',
];

/** Numbers in another form than the one in which protobuf writes them. */
export const BAD_NUMBERS = NUMBERS.flatMap((path) => FORMS.map((form) => [path, form] as const));

/** Of these the schema says nothing: it has no words for them. */
export const BEYOND_SCHEMA: readonly unknown[] = [
  // Not in the usual spelling of an address.
  'https://rekor.example.com/',
  'https://REKOR.example.com',
  // More than 2^53 - 1.
  '9007199254740992',
  // Base64 with bits behind its end.
  'e31=',
];
