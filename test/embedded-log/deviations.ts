// Where the embedded log is not as Rekor 1.5.4, on purpose: exchanges and cases of the vectors, and for people.

/** What Rekor takes and the embedded log refuses, because it cannot be relied on later: see `acceptEntry`. */
interface Stricter {
  readonly what: string;
  readonly why: string;
  /** Recorded uploads, and the words with which they are refused. */
  readonly exchanges?: Readonly<Record<string, string>>;
  /** Names of provenance cases. */
  readonly cases?: readonly string[];
}

const TWO_SIGNATURES = 'expected one signature packet, found packets of types 2, 2';

export const STRICTER: readonly Stricter[] = [
  {
    what: 'a provenance of several files',
    why: 'Rekor logs the digest of any one of them, as chance has it',
    exchanges: { 'create-201-two-files': 'expected a provenance of one file, found 2' },
  },
  {
    what: 'several signatures, or other packets beside one',
    why: 'which of them counts depends on who reads',
    exchanges: {
      'create-201-two-signatures': TWO_SIGNATURES,
      'create-201-two-signatures-other-first': TWO_SIGNATURES,
    },
    cases: [
      'craft-multi-good-then-bad',
      'craft-sig-then-garbage-packet',
      'multi-sig-only-first-key',
      'multi-sig-only-second-key',
      'text-two-signature-armors',
    ],
  },
  {
    what: 'an issuer fingerprint that is not that of the key',
    why: 'the signature names another key than the one that made it',
    cases: ['craft-issuer-fpr-wrong-id-right'],
  },
  {
    what: 'a digest in upper case',
    why: 'Helm writes none, and the entry would have another leaf than is predicted',
    exchanges: { 'create-201-upper-case-digest': 'expected a line "  NAME.tgz: sha256:DIGEST"' },
  },
  {
    what: 'text around the signed message, or a header line that is blank',
    why: 'what is signed depends on who reads',
    cases: ['text-header-space-blank', 'text-text-before', 'text-two-blocks-good-good'],
  },
  {
    what: 'DSA keys',
    why: 'they are weak',
    cases: ['alg-dsa1024', 'alg-dsa2048', 'alg-dsa3072'],
  },
];

/** An exchange that ends otherwise. */
interface Deviation {
  /** The name of the recorded exchange. */
  readonly exchange: string;
  readonly what: string;
  readonly why: string;
  /** The status of Rekor, that of the embedded log, and how its message begins. */
  readonly rekor: number;
  readonly status: number;
  readonly message: string;
}

const READER = 'the reader says what it found';
const SENDER = "the fault is the sender's, and will not go away";

export const DEVIATIONS: readonly Deviation[] = [
  {
    exchange: 'create-400-empty-signature-block',
    what: 'a signature block without a signature',
    why: READER,
    rekor: 400,
    status: 400,
    message: 'error processing entry: invalid PGP signature: expected one signature packet, found none',
  },
  {
    exchange: 'create-400-one-yaml-part',
    what: 'a provenance without the part with the digest',
    why: READER,
    rekor: 400,
    status: 400,
    message:
      'error processing entry: error occurred parsing message block: expected signed text of two parts',
  },
  {
    exchange: 'create-400-second-part-not-yaml',
    what: 'a provenance whose part with the digest is no YAML',
    why: READER,
    rekor: 400,
    status: 400,
    message: 'error processing entry: error occurred parsing message block: expected the line "files:"',
  },
  {
    exchange: 'create-400-two-signatures-bad-first',
    what: 'two signatures of which the first is false',
    why: 'more than one signature is refused before any is looked at',
    rekor: 400,
    status: 400,
    message: `error processing entry: invalid PGP signature: ${TWO_SIGNATURES}`,
  },
  {
    exchange: 'retrieve-400-proposed-entry-bad',
    what: 'a search for an entry whose digest has a character that is no hexadecimal digit',
    why: 'the digest is read before the signature is looked at',
    rekor: 400,
    status: 400,
    message: 'error occurred parsing message block: expected a line "  NAME.tgz: sha256:DIGEST"',
  },
  {
    exchange: 'create-500-no-files',
    what: 'a signed provenance that names no file',
    why: SENDER,
    rekor: 500,
    status: 400,
    message: 'error processing entry: error occurred parsing message block: expected the line "files:"',
  },
  {
    exchange: 'create-500-digest-without-colon',
    what: 'a signed provenance whose digest has no name',
    why: SENDER,
    rekor: 500,
    status: 400,
    message: 'error processing entry: error occurred parsing message block: expected a line',
  },
  {
    exchange: 'create-500-concurrent-duplicate',
    what: 'one of several uploads of an entry at one moment',
    why: 'it is told what the others did',
    rekor: 500,
    status: 409,
    message: 'an equivalent entry already exists in the transparency log with UUID',
  },
];
