import { gzipSync } from 'node:zlib';
import { MalformedError, messageOf } from '../../src/errors.ts';
import { signaturesIn } from '../../src/chart/fetch/cosign-signatures.ts';
import { readContents } from '../../src/chart/archive/chart-contents.ts';
import { parseChartLock } from '../../src/chart/dependencies/chart-lock.ts';
import { findChartYaml } from '../../src/chart/archive/chart-yaml.ts';
import { findContainedCharts } from '../../src/chart/archive/contained-charts.ts';
import { readDeclaredDependencies } from '../../src/chart/archive/dependencies.ts';
import { scalarAsGo } from '../../src/chart/yaml/go-scalar.ts';
import { describeChart } from '../../src/chart/archive/description.ts';
import { chartsOfIndex } from '../../src/chart/local/index-file.ts';
import { addJson } from '../../src/chart/index/index-json.ts';
import { linesOf } from '../../src/chart/index/index-lines.ts';
import { IndexParser } from '../../src/chart/index/index-parser.ts';
import { IndexCutter } from '../../src/chart/index/index-pieces.ts';
import { readVersion } from '../../src/chart/index/indexed-version.ts';
import { elementsIn, membersIn, wholeOf } from '../../src/chart/index/json-parts.ts';
import { parseChartYaml } from '../../src/chart/archive/metadata.ts';
import { requireOneReading } from '../../src/chart/yaml/one-reading.ts';
import { readPathList } from '../../src/chart/local/path-list.ts';
import { IndexReader } from '../../src/chart/index/repository-index.ts';
import { parseRepositories } from '../../src/chart/fetch/repositories.ts';
import { readSignKey } from '../../src/chart/archive/sign-key.ts';
import { parseSemanticVersion } from '../../src/chart/versions/semantic-version.ts';
import { sameBlocks } from '../../src/chart/archive/tar-blocks.ts';
import { BLOCK, requirePax, requireSameHeader } from '../../src/chart/archive/tar-header.ts';
import { readMembers } from '../../src/chart/archive/tar-members.ts';
import { gather } from '../../src/chart/local/text-file.ts';
import { parseVersionConstraint } from '../../src/chart/versions/version-constraint.ts';
import { parseYaml, parseYamlAsHelm } from '../../src/chart/yaml/yaml.ts';
import { withPlainLineEnds } from '../../src/chart/yaml/yaml-line-ends.ts';
import { decodeUserText, inUtf8, mistakenFor } from '../../src/user-text.ts';
import { parseSha256 } from '../../src/digest.ts';
import { signedCheckpointsIn } from '../../src/embedded-log/backup/checkpoints-in.ts';
import { bodiesIn } from '../../src/embedded-log/tiles/entry-bundle.ts';
import { readHeader } from '../../src/embedded-log/journal/journal-header.ts';
import { base64Of, bytesOfArmor, bytesOfBase64 } from '../../src/log-page/armored-text.ts';
import { chartSigned } from '../../src/log-page/chosen-file.ts';
import { keyIn } from '../../src/log-page/given-key.ts';
import { claimedKeys } from '../../src/log-page/claimed-keys.ts';
import { foreignText, foreignUtf8 } from '../../src/log-page/foreign-text.ts';
import { placeAt, placeTyped } from '../../src/log-page/place.ts';
import { shownEntriesIn } from '../../src/log-page/shown-entry.ts';
import { isOldRecord, parseOldRecord } from '../../src/embedded-log/journal/old-record.ts';
import { readPromise, readPromises } from '../../src/embedded-log/tiles/promise-bundle.ts';
import { UnacceptableEntry, parseProposedEntry } from '../../src/embedded-log/entry/proposed-entry.ts';
import { NO_CHAIN, parseRecord } from '../../src/embedded-log/journal/record.ts';
import { Refusal } from '../../src/embedded-log/entry/refusal.ts';
import { parseBody, parseUpload } from '../../src/embedded-log/entry/request-body.ts';
import { parseEntriesQuery, parseIndexQuery } from '../../src/embedded-log/service/search-queries.ts';
import { parseFrozenList } from '../../src/embedded-log/log/frozen-list.ts';
import { parseSegmentList } from '../../src/embedded-log/index/segment-list.ts';
import { parseTilePath } from '../../src/embedded-log/tiles/static-paths.ts';
import { parseTarHeader } from '../../src/embedded-log/backup/ustar.ts';
import { parseSubmittedKey } from '../../src/embedded-log/entry/submitted-key.ts';
import {
  decodeBase64,
  decodeHex,
  decodeUtf8,
  encodeBase64,
  excerpt,
  parseDecimal,
} from '../../src/encoding.ts';
import { requireSimpleDer } from '../../src/simple-der.ts';
import { bundleOfAnnotations } from '../../src/evidence/cosign-annotations.ts';
import { bundleOfCosign } from '../../src/evidence/cosign-bundle.ts';
import { parseImageClaim } from '../../src/evidence/image-claim.ts';
import { parseStatement } from '../../src/evidence/in-toto-statement.ts';
import { parseEvidence } from '../../src/evidence/parse.ts';
import { isSigstoreBundle } from '../../src/evidence/is-sigstore-bundle.ts';
import { parseBundles } from '../../src/evidence/parse-bundle.ts';
import { readCertificate } from '../../src/evidence/signing-certificate.ts';
import { derOfPem } from '../../src/pem.ts';
import { loggedSignatures } from '../../src/monitor/logged-signatures.ts';
import { parseSignatureEntry } from '../../src/rekor/signature-entry.ts';
import { parseSigstoreTrust } from '../../src/trust/sigstore-trust.ts';
import { parseSeenTree } from '../../src/history/seen-tree-format.ts';
import { parseDemands } from '../../src/chart/fetch/demands.ts';
import { parseGateAddress } from '../../src/chart/fetch/gate-address.ts';
import { httpUrl, requirePlainPlace, shownHref } from '../../src/chart/fetch/handed-url.ts';
import { parseListed } from '../../src/chart/fetch/listed-address.ts';
import { listVersion } from '../../src/gate/listed-version.ts';
import { requireFetchable } from '../../src/chart/fetch/true-address.ts';
import { parseBaseUrl } from '../../src/http/base-url.ts';
import { proxyFor } from '../../src/http/proxy-choice.ts';
import { derParts } from '../../src/services/der.ts';
import { readRekorV1Entry } from '../../src/identity/rekor-v1.ts';
import { loggableOf, type FreshSignature } from '../../src/identity/fresh-signature.ts';
import { readRekorV2Entry } from '../../src/services/rekor-v2-entry.ts';
import { Secret } from '../../src/services/secret.ts';
import { readSigningCertificate } from '../../src/identity/signing-certificate.ts';
import { parseSigningConfig } from '../../src/services/signing-config.ts';
import { readTimestamp } from '../../src/services/timestamp-answer.ts';
import { readTokenClaims } from '../../src/identity/token-claims.ts';
import { additionsOf } from '../../src/keyring/addition.ts';
import { looksLikeKeys, scanKeyFile } from '../../src/keyring/key-file.ts';
import { scanKeybox } from '../../src/keyring/keybox.ts';
import { scanPackets } from '../../src/keyring/scan.ts';
import { holdersOf } from '../../src/keyring/search.ts';
import { scanSource } from '../../src/keyring/source.ts';
import { StrayRevocations } from '../../src/keyring/stray-revocations.ts';
import { parseManifest } from '../../src/mirror/parse-manifest.ts';
import { foldedPath, isPortablePath } from '../../src/mirror/portable-path.ts';
import { newestFirst } from '../../src/mirror/version-order.ts';
import { normaliseReference } from '../../src/policy/asked-reference.ts';
import { askedFile } from '../../src/policy/asked-chart.ts';
import { matchesGlob, parseGlob } from '../../src/policy/glob.ts';
import { parsePolicy } from '../../src/policy/parse-policy.ts';
import { decodeArmor, decodeBlocks, decodeKeyArmor, KEY_BLOCKS } from '../../src/openpgp/armor.ts';
import { ArmoredLines } from '../../src/openpgp/armored-lines.ts';
import { emailOf, readCertificates } from '../../src/openpgp/certificate.ts';
import { fingerprintOf, keyIdOf, parseKeyPacket } from '../../src/openpgp/key-packet.ts';
import { mergePackets } from '../../src/openpgp/merged-packets.ts';
import { readPackets } from '../../src/openpgp/packets.ts';
import { plainSignatureBy, preimageOf } from '../../src/openpgp/plain-signature.ts';
import { withRevocationsOf } from '../../src/openpgp/revocation-copies.ts';
import { readRevocationContent } from '../../src/openpgp/revocation-content.ts';
import { readRevocation } from '../../src/openpgp/revocation-packet.ts';
import { verifySelfSignatures } from '../../src/openpgp/self-signatures.ts';
import { readSignatureHeader } from '../../src/openpgp/signature-header.ts';
import { parseSignaturePacket } from '../../src/openpgp/signature-packet.ts';
import { subjectPublicKeyInfo } from '../../src/openpgp/subject-public-key.ts';
import { readSubpackets } from '../../src/openpgp/subpackets.ts';
import { withoutSecrets } from '../../src/openpgp/without-secrets.ts';
import { splitCleartext } from '../../src/provenance/cleartext.ts';
import { parseDocument } from '../../src/provenance/document.ts';
import { readFileName } from '../../src/provenance/file-name.ts';
import { parseProvenance } from '../../src/provenance/provenance.ts';
import { credentialIn } from '../../src/registry/auth-file.ts';
import { parseChallenges } from '../../src/registry/challenge.ts';
import { parseDescriptor } from '../../src/registry/descriptor.ts';
import { parseImageManifest } from '../../src/registry/manifest.ts';
import { parseRegistryReference } from '../../src/registry/reference.ts';
import { parseIndex as parseReferrerIndex } from '../../src/registry/referrer-lists.ts';
import { parseTagList } from '../../src/registry/tags.ts';
import { parseEntryId } from '../../src/rekor/entry-id.ts';
import { parseHelmEntry } from '../../src/rekor/helm-entry.ts';
import {
  parseConsistencyProof,
  parseEntryList,
  parseErrorMessage,
  parseIndexAnswer,
  parseLogEntry,
  parseLogInfo,
} from '../../src/rekor/schemas.ts';
import { parseStrictJson } from '../../src/strict-json.ts';
import { printableJson, printableLine } from '../../src/render/printable.ts';
import { parseJson } from '../../src/shape.ts';
import { parseCheckpoint } from '../../src/tlog/checkpoint.ts';
import { logKeyFromSpki, logKeysFromPemFile } from '../../src/tlog/log-key.ts';
import { parseNote } from '../../src/tlog/note.ts';
import { parseState } from '../../src/monitor/state-format.ts';
import { TileTree } from '../../src/monitor/tile-tree.ts';
import { proveConsistency, proveInclusion } from '../../src/tlog/tile-proofs.ts';
import { entriesIn, entryIn } from '../../src/tlog/tiles.ts';
import { parseTimestamp } from '../../src/trust/timestamp.ts';
import { parseTrustedRoot } from '../../src/trust/trusted-root.ts';
import { unlessMalformed } from '../support/malformed.ts';
import { newLogKeys } from '../support/log-keys.ts';
import {
  ANYWHERE,
  ARMORED,
  BUNDLES,
  DER,
  armored,
  EVIDENCE,
  JSON_TEXT,
  LINES,
  MIRROR,
  PACKETS,
  PAX,
  POLICY,
  REFERENCES,
  SIGNED_TEXT,
  TAR,
  VERSIONS,
  YAML,
  type Hostile,
} from './hostile.ts';

/** A reader of bytes or text that others wrote. */
export interface Parser {
  /** Below `src`. */
  readonly file: string;
  readonly name: string;
  readonly work: (bytes: Uint8Array) => unknown;
  readonly inputs: Readonly<Record<string, Hostile>>;
}

const HOSTILE_GLOB = parseGlob('**a*a**/*a@*') ?? { text: '', parts: [] };

type Inputs = Parser['inputs'];
const { key } = newLogKeys['P-256']();
const inArmor: Inputs = Object.fromEntries(
  Object.entries(PACKETS).map(([name, hostile]) => [`${name}, in armor`, armored(hostile)]),
);

/** The fragment of a URL in an index of the gate. */
const LISTED = 'name=x&version=1&digest=&url=https%3A%2F%2Fh%2Fx.tgz&by=sigstore';

const SIGNER = {
  kind: 'email',
  identity: 'a@example.com',
  issuer: 'https://x',
  details: {},
  isPrivate: false,
} as const;
const FRESH: FreshSignature = {
  content: { kind: 'statement', payload: new Uint8Array(), payloadType: '' },
  digest: new Uint8Array(32),
  signature: new Uint8Array(70),
  certificate: { der: new Uint8Array(), pem: '', named: '', validFrom: 0, validUntil: 0 },
};

/** Every parser of foreign bytes of `src`; `parsers.test.ts` finds those that are missing. */
export const PARSERS: readonly Parser[] = [
  text('policy/parse-policy.ts', { parsePolicy: (input) => parsePolicy(input) }, { ...YAML, ...POLICY }),
  text('policy/asked-reference.ts', { normaliseReference }, REFERENCES),
  text('policy/asked-chart.ts', { askedFile }, VERSIONS),
  text(
    'chart/fetch/demands.ts',
    { parseDemands: (input) => parseDemands(`name=${input}&version=1&digest=&url=${input}&by=sigstore`) },
    REFERENCES,
  ),
  text(
    'chart/fetch/gate-address.ts',
    {
      parseGateAddress: (input) => parseGateAddress(`sigstore+${input}`),
      'parseGateAddress, of a registry': (input) => parseGateAddress(`sigstore+oci://h/${input}/index.yaml`),
      'parseGateAddress, of a fragment': (input) => parseGateAddress(`sigstore+https://h/x.tgz#${input}`),
    },
    REFERENCES,
  ),
  text(
    'chart/fetch/handed-url.ts',
    {
      httpUrl: (input) => httpUrl(`https://${input}`, input),
      requirePlainPlace: (input) => {
        requirePlainPlace(input, input);
      },
      shownHref,
    },
    REFERENCES,
  ),
  text(
    'chart/fetch/listed-address.ts',
    {
      'parseListed, of a place': (input) => parseListed('https', `${input}/x-1.tgz`, LISTED, input),
      'parseListed, of a file': (input) => parseListed('https', `h/${input}`, LISTED, input),
      'parseListed, of a query': (input) =>
        parseListed('https', `h/x-1.tgz?query-of=../${input}`, LISTED, input),
    },
    REFERENCES,
  ),
  text(
    'gate/listed-version.ts',
    {
      listVersion: (input) => {
        const version = { names: [input], version: input, url: input, fileName: input };
        return listVersion(new URL('https://charts.example'), input, version, { description: input });
      },
    },
    REFERENCES,
  ),
  text(
    'chart/fetch/true-address.ts',
    {
      requireFetchable: (input) => {
        requireFetchable(new URL(encodeURI(`https://h/${input}`)), 'https:');
      },
    },
    REFERENCES,
  ),
  text('policy/glob.ts', { matchesGlob: (input) => matchesGlob(HOSTILE_GLOB, input) }, REFERENCES),
  bytes('chart/archive/metadata.ts', { parseChartYaml: (input) => parseChartYaml(input) }, YAML),
  bytes(
    'chart/local/index-file.ts',
    { chartsOfIndex: (input) => chartsOfIndex(input, 'index.yaml', '.') },
    YAML,
  ),
  bytes('chart/index/index-parser.ts', { IndexParser: parseIndex }, { ...YAML, ...JSON_TEXT }),
  bytes('chart/index/index-pieces.ts', { IndexCutter: cutIndex }, YAML),
  bytes('chart/index/index-lines.ts', { linesOf: (input) => [...linesOf(input)] }, LINES),
  bytes(
    'chart/index/index-json.ts',
    {
      addJson: (input) => {
        addJson(new IndexReader('index.yaml', '.'), input);
      },
    },
    JSON_TEXT,
  ),
  text('chart/index/indexed-version.ts', { readVersion: readVersions }, LINES),
  bytes(
    'chart/index/json-parts.ts',
    { membersIn: partsOfJson(membersIn), elementsIn: partsOfJson(elementsIn) },
    JSON_TEXT,
  ),
  text('chart/index/repository-index.ts', { IndexReader: readIndex }, YAML),
  text(
    'chart/yaml/one-reading.ts',
    {
      requireOneReading: (input) => {
        requireOneReading(input.split('\n'), ['name']);
      },
    },
    YAML,
  ),
  text(
    'chart/yaml/yaml-line-ends.ts',
    { withPlainLineEnds: (input) => orMalformed(() => withPlainLineEnds(input, 100)) },
    YAML,
  ),
  text('chart/yaml/yaml.ts', { parseYaml: (input) => parseYaml(input, 1_000_000), parseYamlAsHelm }, YAML),
  text('chart/yaml/go-scalar.ts', { scalarAsGo }),
  bytes('chart/fetch/repositories.ts', { parseRepositories }, YAML),
  bytes('chart/archive/description.ts', { describeChart: (input) => describeChart([input], 'it') }, YAML),
  text('chart/archive/sign-key.ts', { readSignKey }, YAML),
  bytes('chart/archive/tar-header.ts', { requirePax }, PAX),
  bytes(
    'chart/archive/tar-header.ts',
    { requireSameHeader: (input) => requireSameHeader(input.subarray(0, BLOCK)) },
    TAR,
  ),
  bytes('chart/archive/tar-blocks.ts', { sameBlocks: readTar }, TAR),
  bytes(
    'chart/archive/chart-yaml.ts',
    { findChartYaml: (input) => findChartYaml(pullFrom(gzipSync(input))) },
    TAR,
  ),
  bytes('chart/local/text-file.ts', { gather: (input) => gather(pieces(input), input.length) }),
  bytes('chart/local/path-list.ts', { readPathList: (input) => readPathList(pieces(input), 'the list') }),
  bytes('user-text.ts', { decodeUserText, mistakenFor, inUtf8 }),
  bytes('chart/archive/chart-yaml.ts', { findChartYaml: (input) => findChartYaml(pullFrom(input)) }),
  bytes(
    'chart/archive/tar-members.ts',
    { readMembers: (input) => readMembers(pullFrom(gzipSync(input)), () => undefined) },
    TAR,
  ),
  bytes(
    'chart/archive/contained-charts.ts',
    { findContainedCharts: (input) => findContainedCharts(pullFrom(gzipSync(input))) },
    TAR,
  ),
  bytes(
    'chart/archive/chart-contents.ts',
    { readContents: (input) => readContents(pullFrom(gzipSync(input))) },
    TAR,
  ),
  bytes(
    'chart/archive/dependencies.ts',
    { readDeclaredDependencies: (input) => readDeclaredDependencies([input]) },
    YAML,
  ),
  bytes('chart/dependencies/chart-lock.ts', { parseChartLock: (input) => parseChartLock(input) }, YAML),
  text(
    'chart/versions/version-constraint.ts',
    { parseVersionConstraint: (input) => parseVersionConstraint(input) },
    VERSIONS,
  ),
  text(
    'chart/versions/semantic-version.ts',
    { parseSemanticVersion: (input) => parseSemanticVersion(input) },
    VERSIONS,
  ),
  text('digest.ts', { parseSha256 }),
  text('encoding.ts', { decodeHex, decodeBase64, parseDecimal, excerpt }),
  bytes('encoding.ts', { decodeUtf8 }),
  bytes('embedded-log/entry/request-body.ts', { parseBody: refusable((input) => parseBody(input, 'query')) }),
  bytes('embedded-log/entry/request-body.ts', { parseUpload: refusable(parseUpload) }),
  text('embedded-log/entry/proposed-entry.ts', {
    parseProposedEntry: refusable((content) => parseProposedEntry(proposal(content))),
  }),
  text('embedded-log/service/search-queries.ts', {
    parseIndexQuery: refusable((email) => parseIndexQuery({ email })),
    parseHashQuery: refusable((hash) => parseIndexQuery({ hash })),
    parseKeyQuery: refusable((content) => parseIndexQuery({ publicKey: { format: 'pgp', content } })),
    parseEntriesQuery: refusable((id) => parseEntriesQuery({ entryUUIDs: [id] })),
  }),
  bytes(
    'embedded-log/entry/submitted-key.ts',
    { parseSubmittedKey: refusable(parseSubmittedKey) },
    { ...ARMORED, ...inArmor, ...PACKETS },
  ),
  bytes('embedded-log/journal/record.ts', { parseRecord: (line) => parseRecord(line, NO_CHAIN) }),
  text('embedded-log/journal/journal-header.ts', {
    readHeader: (input) =>
      readHeader({
        ...{ version: 3, upgradedEntries: 0, first: 0, edge: [input], newestTime: 0, before: '', chain: '' },
      }),
  }),
  bytes('embedded-log/tiles/entry-bundle.ts', {
    bodiesIn: (input) => bodiesIn(Buffer.from(input), 2),
  }),
  bytes('embedded-log/tiles/promise-bundle.ts', {
    readPromise: (input) => readPromise(0, (at) => Buffer.from(at === 0 ? '0000000900000019' : input)),
    readPromises: (input) => readPromises(Buffer.from(input), { origin: 'log', index: 0 }, key),
  }),
  bytes('embedded-log/index/segment-list.ts', {
    parseSegmentList: (input) => parseSegmentList(input, 'log', [key]),
  }),
  bytes('embedded-log/log/frozen-list.ts', {
    parseFrozenList: (input) => parseFrozenList(input, 'log - 1', key),
  }),
  bytes(
    'embedded-log/backup/ustar.ts',
    { parseTarHeader: (input) => parseTarHeader(Buffer.from(input)) },
    TAR,
  ),
  bytes(
    'embedded-log/backup/checkpoints-in.ts',
    { signedCheckpointsIn: (input) => signedCheckpointsIn(input, key) },
    { ...JSON_TEXT, ...LINES },
  ),
  text('embedded-log/tiles/static-paths.ts', { parseTilePath }),
  text(
    'log-page/armored-text.ts',
    { bytesOfArmor: (input) => bytesOfArmor('PGP PUBLIC KEY BLOCK', input), bytesOfBase64 },
    ARMORED,
  ),
  bytes('log-page/armored-text.ts', { base64Of }),
  bytes('log-page/claimed-keys.ts', { claimedKeys }, PACKETS),
  bytes('log-page/given-key.ts', { keyIn }, { ...PACKETS, ...inArmor }),
  text('log-page/chosen-file.ts', { chartSigned }, SIGNED_TEXT),
  text('log-page/foreign-text.ts', { foreignText }),
  bytes('log-page/foreign-text.ts', { foreignUtf8 }),
  text('log-page/place.ts', { placeAt, placeTyped }, REFERENCES),
  bytes(
    'log-page/shown-entry.ts',
    { shownEntriesIn: (input) => shownEntriesIn(shownAnswer(input)) },
    JSON_TEXT,
  ),
  bytes(
    'log-page/shown-entry.ts',
    { entryOfKey: (input) => shownEntriesIn(shownAnswer(helmBody(input))) },
    inArmor,
  ),
  bytes('embedded-log/journal/old-record.ts', { parseOldRecord, isOldRecord }),
  bytes('evidence/parse.ts', { parseEvidence }, { ...JSON_TEXT, ...EVIDENCE }),
  bytes('simple-der.ts', { requireSimpleDer }, DER),
  text('pem.ts', { derOfPem: (input) => derOfPem(input, 'PUBLIC KEY') }, BUNDLES),
  bytes('evidence/is-sigstore-bundle.ts', { isSigstoreBundle }, JSON_TEXT),
  bytes('evidence/parse-bundle.ts', { parseBundles }, { ...JSON_TEXT, ...BUNDLES }),
  text(
    'evidence/cosign-bundle.ts',
    {
      bundleOfCosign: (input) => {
        const body = Buffer.from(input).toString('base64');
        const Payload = { body, integratedTime: 0, logIndex: 0, logID: '0'.repeat(64) };
        return bundleOfCosign({
          base64Signature: 'AAAA',
          cert: body,
          rekorBundle: { SignedEntryTimestamp: 'AAAA', Payload },
        });
      },
    },
    { ...JSON_TEXT, ...BUNDLES },
  ),
  text(
    'evidence/cosign-annotations.ts',
    {
      bundleOfAnnotations: (input) =>
        bundleOfAnnotations(
          new Map([
            ['dev.cosignproject.cosign/signature', input],
            ['dev.sigstore.cosign/bundle', input],
            ['dev.sigstore.cosign/certificate', input],
          ]),
        ),
    },
    JSON_TEXT,
  ),
  bytes('evidence/image-claim.ts', { parseImageClaim }, JSON_TEXT),
  bytes(
    'evidence/in-toto-statement.ts',
    {
      parseStatement: (payload) =>
        parseStatement({
          kind: 'envelope',
          payload,
          payloadType: 'application/vnd.in-toto+json',
          signature: payload,
        }),
    },
    { ...JSON_TEXT, ...BUNDLES },
  ),
  bytes(
    'evidence/signing-certificate.ts',
    {
      readCertificate,
      // As long as one may be: the reader of the library gets these.
      'readCertificate, of all that is short enough': (input) => {
        for (let at = 0; at < input.length; at += 10_000)
          unlessMalformed(() => readCertificate(input.subarray(at, at + 10_000)));
      },
    },
    DER,
  ),
  bytes('monitor/logged-signatures.ts', { loggedSignatures }, { ...JSON_TEXT, ...BUNDLES }),
  bytes(
    'rekor/signature-entry.ts',
    { parseSignatureEntry: (input) => parseSignatureEntry(input, { kind: 'dsse', version: '0.0.1' }) },
    { ...JSON_TEXT, ...BUNDLES },
  ),
  bytes(
    'trust/sigstore-trust.ts',
    { parseSigstoreTrust: json(parseSigstoreTrust) },
    { ...JSON_TEXT, ...BUNDLES },
  ),
  bytes('history/seen-tree-format.ts', { parseSeenTree: (input) => parseSeenTree(input, key, '1') }),
  text('http/base-url.ts', { parseBaseUrl: (input) => parseBaseUrl(input, 'REKOR_SERVER') }),
  text('http/proxy-choice.ts', {
    proxyFor: (NO_PROXY) =>
      proxyFor(new URL('https://log.test'), { HTTPS_PROXY: 'http://proxy.test', NO_PROXY }),
  }),
  bytes('mirror/parse-manifest.ts', { parseManifest }, { ...JSON_TEXT, ...MIRROR }),
  text('mirror/portable-path.ts', { isPortablePath, foldedPath }),
  text('mirror/version-order.ts', { newestFirst: (input) => newestFirst(input, `${input}1`) }, VERSIONS),
  bytes('keyring/key-file.ts', { scanKeyFile, looksLikeKeys }, { ...ARMORED, ...inArmor, ...PACKETS }),
  bytes('keyring/keybox.ts', { scanKeybox }, PACKETS),
  bytes('keyring/search.ts', { holdersOf: holdersOfFirst }, PACKETS),
  bytes('keyring/stray-revocations.ts', { StrayRevocations: strayRevocations }, PACKETS),
  bytes('keyring/source.ts', { scanSource: scanAdded }, { ...ARMORED, ...inArmor, ...PACKETS }),
  bytes('keyring/addition.ts', { additionsOf: addAgain }, PACKETS),
  bytes('openpgp/merged-packets.ts', { mergePackets: (input) => mergePackets([input, input]) }, PACKETS),
  bytes('keyring/scan.ts', { scanPackets: (input) => scanPackets([input]) }, PACKETS),
  text('openpgp/armor.ts', { decodeArmor: (input) => decodeArmor('PGP PUBLIC KEY BLOCK', input) }, ARMORED),
  bytes(
    'openpgp/armor.ts',
    { decodeKeyArmor, decodeBlocks: (input) => decodeBlocks(input, KEY_BLOCKS) },
    ARMORED,
  ),
  text('openpgp/armored-lines.ts', { ArmoredLines: armoredLines }, ARMORED),
  bytes('openpgp/certificate.ts', { readCertificates }, PACKETS),
  bytes('openpgp/revocation-copies.ts', { withRevocationsOf: revocationsOfCopies }, PACKETS),
  bytes('openpgp/revocation-content.ts', { readRevocationContent }),
  bytes('openpgp/revocation-packet.ts', { readRevocation: (input) => readRevocation(input)?.content }),
  text('openpgp/certificate.ts', { emailOf }),
  bytes('openpgp/packets.ts', { readPackets: (input) => [...readPackets(input)] }, PACKETS),
  bytes('openpgp/key-packet.ts', { parseKeyPacket: (body) => parseKeyPacket({ tag: 6, body }) }),
  bytes('openpgp/signature-header.ts', { readSignatureHeader }),
  bytes('openpgp/signature-packet.ts', { parseSignaturePacket }),
  bytes('openpgp/subpackets.ts', { readSubpackets }),
  bytes('openpgp/plain-signature.ts', { plainSignatureBy: plainSignatures }),
  bytes('openpgp/subject-public-key.ts', { subjectPublicKeyInfo: subjectPublicKeys }),
  bytes('openpgp/self-signatures.ts', { verifySelfSignatures: selfSignatures }, PACKETS),
  bytes('openpgp/without-secrets.ts', { withoutSecrets }, PACKETS),
  bytes('provenance/cleartext.ts', { splitCleartext }, { ...SIGNED_TEXT, ...ARMORED }),
  bytes('provenance/document.ts', { parseDocument }, SIGNED_TEXT),
  bytes('provenance/provenance.ts', { parseProvenance }, SIGNED_TEXT),
  text('provenance/file-name.ts', { readFileName }),
  bytes('registry/auth-file.ts', { credentialIn: (input) => credentialIn(input, 'h') }, JSON_TEXT),
  text('registry/challenge.ts', { parseChallenges }),
  bytes(
    'registry/descriptor.ts',
    { parseDescriptor: json((value) => parseDescriptor(value, 'it')) },
    JSON_TEXT,
  ),
  bytes('registry/manifest.ts', { parseImageManifest }, JSON_TEXT),
  bytes('chart/fetch/cosign-signatures.ts', { signaturesIn }, JSON_TEXT),
  text('registry/reference.ts', {
    parseRegistryReference: (input) => parseRegistryReference(`oci://h/${input}`),
    parseRegistryHost: (input) => parseRegistryReference(`oci://${input}/a`),
  }),
  bytes('registry/referrer-lists.ts', { parseReferrerIndex }, JSON_TEXT),
  bytes('registry/tags.ts', { parseTagList }, JSON_TEXT),
  text('rekor/entry-id.ts', { parseEntryId }),
  bytes('rekor/helm-entry.ts', { parseHelmEntry }),
  bytes('strict-json.ts', { parseStrictJson }),
  bytes('rekor/schemas.ts', {
    parseLogEntry: json(parseLogEntry),
    parseEntryList: json(parseEntryList),
    parseLogInfo: json(parseLogInfo),
    parseConsistencyProof: json(parseConsistencyProof),
    parseIndexAnswer: json(parseIndexAnswer),
    parseErrorMessage: json(parseErrorMessage),
  }),
  text('render/printable.ts', { printableLine, printableJson }, SIGNED_TEXT),
  bytes('shape.ts', { parseJson }),
  text('tlog/note.ts', { parseNote }, LINES),
  text('tlog/checkpoint.ts', { parseCheckpoint }, LINES),
  text('tlog/log-key.ts', { logKeysFromPemFile }, LINES),
  bytes('tlog/tiles.ts', {
    entryIn: (input) => entryIn(input, { level: 'entries', index: 0, width: 1 }, 0),
    entriesIn: (input) => entriesIn(input, { level: 'entries', index: 0, width: 1 }),
  }),
  bytes('tlog/tile-proofs.ts', {
    proveInclusion: (input) => proveInclusion(0, 2, () => Promise.resolve(input)),
    proveConsistency: (input) => proveConsistency(1, 2, 2, () => Promise.resolve(input)),
  }),
  bytes('monitor/tile-tree.ts', {
    entriesAround: async (input) => {
      const head = { origin: 'a', size: 1, rootHash: new Uint8Array(32) };
      await new TileTree(() => Promise.resolve(input)).entriesAround(0, head);
    },
  }),
  bytes('monitor/state-format.ts', {
    parseState,
    'parseState, of an entry': (input) =>
      parseState(
        Buffer.from(
          JSON.stringify({
            ...{ format: 'helm-sigstore-monitor', version: 1, log: 'a', way: 'index', watched: [] },
            ...{ trees: [], told: [Buffer.from(input).toString('latin1')], unlogged: [] },
          }),
        ),
      ),
  }),
  bytes('services/der.ts', { derParts: (input) => derParts(input) }),
  bytes('services/timestamp-answer.ts', {
    readTimestamp: (input) => readTimestamp(input, input, input),
  }),
  text('identity/token-claims.ts', {
    readTokenClaims,
    'readTokenClaims, of a payload': (input) =>
      readTokenClaims(`e30.${Buffer.from(input).toString('base64url')}.AA`),
  }),
  text('services/secret.ts', {
    hideIn: (input) => new Secret(input).hideIn(input),
    'hideIn, what says nothing of it': (input) => new Secret('a'.repeat(1000)).hideIn(input),
  }),
  bytes(
    'services/signing-config.ts',
    { parseSigningConfig: (input) => parseSigningConfig(input) },
    JSON_TEXT,
  ),
  bytes('identity/signing-certificate.ts', { readSigningCertificate: readCertificateAnswer }),
  bytes('identity/rekor-v1.ts', { readRekorV1Entry: json((value) => readRekorV1Entry(value, FRESH)) }),
  bytes('services/rekor-v2-entry.ts', { readRekorV2Entry: readEntryAnswer }),
  bytes('tlog/log-key.ts', { logKeyFromSpki: (input) => logKeyFromSpki(input) }),
  text('trust/timestamp.ts', { parseTimestamp }),
  bytes('trust/trusted-root.ts', { parseTrustedRoot: json(parseTrustedRoot) }),
].flat();

function bytes(file: string, works: Readonly<Record<string, Parser['work']>>, inputs: Inputs = {}): Parser[] {
  return Object.entries(works).map(([name, work]) => ({
    file,
    name,
    work,
    inputs: { ...ANYWHERE, ...inputs },
  }));
}

function text(
  file: string,
  works: Readonly<Record<string, (text: string) => unknown>>,
  inputs: Inputs = {},
): Parser[] {
  const ofBytes = Object.entries(works).map(
    ([name, work]) => [name, (input: Uint8Array) => work(Buffer.from(input).toString())] as const,
  );
  return bytes(file, Object.fromEntries(ofBytes), inputs);
}

/** As the body of an entry in an answer of a log. */
function shownAnswer(body: Uint8Array): unknown {
  return { ['a'.repeat(64)]: { body: encodeBase64(body), integratedTime: 1, logIndex: 1, verification: {} } };
}

/** As the key in the body of a helm entry. */
function helmBody(key: Uint8Array): Uint8Array {
  const chart = { hash: { algorithm: 'sha256', value: '0'.repeat(64) } };
  const spec = { chart, publicKey: { content: encodeBase64(key) } };
  return Buffer.from(JSON.stringify({ kind: 'helm', spec }));
}

/** As a certificate in an answer that has the right shape. */
function readCertificateAnswer(input: Uint8Array): unknown {
  const certificates = [Buffer.from(input).toString('latin1')];
  const answer = { signedCertificateEmbeddedSct: { chain: { certificates } } };
  return readSigningCertificate(answer, key.publicKey, SIGNER, 0);
}

/** As the body and the checkpoint of an entry that has the right shape. */
function readEntryAnswer(input: Uint8Array): unknown {
  const canonicalizedBody = encodeBase64(input);
  const checkpoint = { envelope: Buffer.from(input).toString('latin1') };
  const inclusionProof = { logIndex: '0', rootHash: '', treeSize: '1', hashes: [], checkpoint };
  const kindVersion = { kind: 'hashedrekord', version: '0.0.2' };
  const entry = { logIndex: '0', logId: { keyId: '' }, kindVersion, inclusionProof, canonicalizedBody };
  return readRekorV2Entry(entry, loggableOf(FRESH));
}

function json(parse: (value: unknown) => unknown): Parser['work'] {
  return (input) => parse(parseJson(input));
}

/** The embedded log refuses with errors of its own, which become an answer. */
function refusable<T>(parse: (input: T) => unknown): (input: T) => unknown {
  return (input) => {
    try {
      return parse(input);
    } catch (error) {
      if (error instanceof Refusal || error instanceof UnacceptableEntry) return undefined;
      throw error;
    }
  };
}

function proposal(content: string): Record<string, unknown> {
  const part = { content: encodeBase64(Buffer.from(content)) };
  return { kind: 'helm', apiVersion: '0.0.1', spec: { chart: { provenance: part }, publicKey: part } };
}

/** Whoever holds the first key of the input. */
function holdersOfFirst(input: Uint8Array): unknown {
  const [first] = readPackets(input);
  const fingerprint = first && fingerprintOf(first);
  if (fingerprint === undefined) return undefined;
  return holdersOf([scanPackets([input])], keyIdOf(fingerprint), (each) => each === fingerprint);
}

function partsOfJson(partsIn: typeof elementsIn): Parser['work'] {
  return (input) => [...partsIn(input, wholeOf(input))];
}

function readIndex(input: string): unknown {
  const reader = new IndexReader('index.yaml', '.');
  reader.addDocument(parseYaml(input, 1_000_000));
  return reader.charts();
}

function parseIndex(input: Uint8Array): unknown {
  const parser = new IndexParser('index.yaml', '.');
  for (let at = 0; at < input.length; at += 1 << 16) parser.add(input.subarray(at, at + (1 << 16)));
  return parser.charts();
}

function cutIndex(input: Uint8Array): unknown {
  const cutter = new IndexCutter();
  return [...cutter.add(input), ...cutter.end()];
}

function readVersions(input: string): unknown {
  const urls = [`https://charts.example/${input}.tgz`];
  return [
    { version: input, urls },
    { version: '1', urls, digest: input },
  ].map((entry) => readVersion(input, entry));
}

async function readTar(input: Uint8Array): Promise<void> {
  for await (const piece of sameBlocks(pieces(input))) if (piece.length === 0) return;
}

function armoredLines(input: string): number {
  const lines = new ArmoredLines('PGP PUBLIC KEY BLOCK', new Uint8Array(input.length));
  // As they stand, behind an empty line, all of them are base64, or are not.
  for (const line of `\n${input}`.split('\n')) lines.add(line);
  return lines.end();
}

function strayRevocations(input: Uint8Array): unknown {
  const keys = readCertificates(input).map(({ primary }) => primary);
  return new StrayRevocations([scanPackets([input])]).ofEach(keys);
}

/** What the other certificates of the input revoke of the first. */
function scanAdded(input: Uint8Array): void {
  scanSource({ place: 'an added key', bytes: input, holds: '00' });
}

/** As a copy of the first certificate in it, of which as much is kept already. */
async function addAgain(input: Uint8Array): Promise<void> {
  const fingerprint = firstFingerprint(input);
  if (fingerprint === undefined) return;
  const source = (place: string) => ({ place, bytes: Uint8Array.from(input) });
  await additionsOf([fingerprint], source('a copy'), [source('what is kept')]);
}

function firstFingerprint(input: Uint8Array): string | undefined {
  return readCertificates(Uint8Array.from(input))[0]?.primary.fingerprint;
}

async function revocationsOfCopies(input: Uint8Array): Promise<void> {
  const [first, ...copies] = readCertificates(input);
  if (first !== undefined) await withRevocationsOf(first, copies, copies);
}

async function selfSignatures(input: Uint8Array): Promise<void> {
  for (const certificate of readCertificates(input)) await verifySelfSignatures(certificate);
}

function plainSignatures(input: Uint8Array): void {
  for (const algorithm of [1, 19, 22]) {
    // Over a text, with SHA-256, and nothing in either area.
    const body = Buffer.concat([Buffer.of(4, 1, algorithm, 8, 0, 0, 0, 0), input]);
    unlessMalformed(() => preimageOf({ body }, input));
    unlessMalformed(() => plainSignatureBy({ body }, { algorithm, material: input }));
  }
}

function subjectPublicKeys(material: Uint8Array): void {
  for (const algorithm of [1, 19, 22, 27])
    unlessMalformed(() => subjectPublicKeyInfo({ algorithm, material, fingerprint: '' }));
}

async function* pieces(input: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < input.length; at += 65_536)
    yield await Promise.resolve(input.subarray(at, at + 65_536));
}

function pullFrom(input: Uint8Array): () => Promise<IteratorResult<Uint8Array, void>> {
  const iterator = pieces(input);
  return () => iterator.next();
}

/** What a library throws is what those who call the parser take for malformed. */
function orMalformed<Result>(parse: () => Result): Result {
  try {
    return parse();
  } catch (error) {
    throw new MalformedError(messageOf(error));
  }
}
