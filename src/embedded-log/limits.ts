/**
 * The limits for one request and for all at once. They keep the log below 300 MiB of memory, whatever it is
 * sent.
 * Sizes in bytes, times in milliseconds.
 */
export const LIMITS = {
  /** Room for a provenance of 4 MiB in base64, with a large key. */
  body: 8 << 20,
  /** The bytes of each body for which there is always room. A usual entry has a tenth of it. */
  ownRoom: 64 << 10,
  /**
   * The most pieces of a body, with one more for each `bytesPerPiece` bytes: even a small piece costs time.
   */
  pieces: 200,
  bytesPerPiece: 512,
  /** How much is parsed before it is seen that a connection was dropped. */
  slice: 2 << 10,
  /** The room that all bodies share beyond `ownRoom`. */
  sharedRoom: 24 << 20,
  /** The bytes of bodies that are parsed and of answers that are made at a time. */
  workedOnAtOnce: 1 << 20,
  /** The bytes of answers that clients have not read yet. */
  answers: 12 << 20,
  connections: 256,
  /** Connections on which TLS is only begun. */
  handshakes: 64,
  /** How long the headers of a request, a whole request, and the reading of an answer may take. */
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  answerTimeout: 60_000,
  /** How long requests under way are waited for when the server ends. */
  endTimeout: 10_000,
  /** How long the last lines of the access log are waited for then. */
  accessTimeout: 2000,
  /** How deep JSON nests, and how many values it has. */
  jsonDepth: 32,
  jsonValues: 10_000,
  /** The length of a message in an answer, in characters. */
  message: 2000,
  /** The most entries that a search finds: one more than clients look at. */
  found: 10_001,
  provenanceLines: 50_000,
  /** All OpenPGP keys of an entry together. */
  keyBytes: 512 << 10,
  keyLines: 50_000,
  keyPackets: 4000,
  certificates: 32,
  userIds: 200,
  /** The memory for keys that are remembered. There is room for some 400 usual ones. */
  knownKeys: 8 << 20,
  /** In characters: a longer user ID is not searched for an e-mail address. */
  userIdLength: 1000,
  /** Of an e-mail address that a search finds, in characters. */
  emailLength: 320,
} as const;

/** The number of newlines. */
export function countLines(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) lines++;
  return lines;
}

const NEWLINE = 0x0a;
