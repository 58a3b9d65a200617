import { createHash, timingSafeEqual } from 'node:crypto';
import { InputError } from '../../errors.ts';
import { isBearerToken, tokenForm } from '../../http/bearer-token.ts';
import { Refusal } from '../entry/refusal.ts';

/** Who may add entries to a log. */
export interface UploadRules {
  /** Nobody may. */
  readonly isReadOnly?: boolean;
  /** Only who sends one of these; undefined: nobody is asked for a token. */
  readonly tokens?: UploadTokens | undefined;
  /** Only signatures by these keys count: primary fingerprints in lower case; empty: by any key. */
  readonly signers?: readonly string[];
}

/** The tokens that allow uploads (RFC 6750). It keeps their digests, so that nothing shows them. */
export class UploadTokens {
  readonly #digests: readonly Buffer[];

  constructor(tokens: readonly string[]) {
    this.#digests = tokens.map(digestOf);
  }

  /** Whether it is one of them. How long that takes says nothing of them but how many there are. */
  has(token: string): boolean {
    const digest = digestOf(token);
    return this.#digests.filter((each) => timingSafeEqual(each, digest)).length > 0;
  }
}

/** Holds an upload against the rules for uploads. */
export class Admission {
  readonly #rules: UploadRules;
  #tokens: UploadTokens | undefined;

  constructor(rules: UploadRules) {
    this.#rules = rules;
    this.#tokens = rules.tokens;
  }

  /** Whether the log takes no entries from anybody. */
  get isReadOnly(): boolean {
    return this.#rules.isReadOnly === true;
  }

  /** From now on these are the tokens. */
  replaceTokens(tokens: UploadTokens): void {
    this.#tokens = tokens;
  }

  /**
   * @param authorization the header of the request
   * @throws Refusal when whoever asks may add nothing: 501 as a Rekor that is read only says it, 401 without a token
   */
  requireUploader(authorization: string | undefined): void {
    if (this.isReadOnly) throw new Refusal(501, 'Create Entry API not enabled in this Rekor instance');
    if (this.#tokens === undefined) return;
    const token = /^Bearer +([^ ]+) *$/i.exec(authorization ?? '')?.[1];
    if (token !== undefined && this.#tokens.has(token)) return;
    const [why, challenge] =
      authorization === undefined
        ? ['this log takes entries only with a token', REALM]
        : ['the token is not one with which this log takes entries', `${REALM}, error="invalid_token"`];
    throw new Refusal(401, why, 401, { 'www-authenticate': challenge });
  }

  /**
   * @param signer the primary fingerprint of the key that made the signature
   * @throws Refusal (403) when entries of that key are not taken
   */
  requireSigner(signer: string): void {
    const { signers = [] } = this.#rules;
    if (signers.length === 0 || signers.includes(signer)) return;
    throw new Refusal(
      403,
      `this log takes entries of certain signers, and ${signer.toUpperCase()}, whose key made this signature, is not one of them`,
    );
  }
}

const REALM = 'Bearer realm="helm-sigstore-log"';

/**
 * The tokens in a file, one a line. Empty lines and lines that begin with `#` are skipped.
 * @param name of the file, for the message
 * @throws InputError if there are none, or something else; it shows nothing of what is there
 */
export function parseUploadTokens(bytes: Uint8Array, name: string): UploadTokens {
  const lines = Buffer.from(bytes).toString('latin1').split('\n');
  const found = lines.map((line, index) => ({ text: line.trim(), number: index + 1 }));
  const tokens = found.filter(({ text }) => text !== '' && !text.startsWith('#'));
  const wrong = tokens.find(({ text }) => !isBearerToken(text, SHORTEST_TOKEN));
  if (wrong !== undefined)
    throw new InputError(
      `expected line ${wrong.number} of ${name} to be ${tokenForm(SHORTEST_TOKEN)}, found something else`,
      'openssl rand -hex 32 makes one that nobody guesses',
    );
  if (tokens.length === 0 || tokens.length > MOST_TOKENS)
    throw new InputError(`expected 1 to ${MOST_TOKENS} tokens in ${name}, found ${tokens.length}`);
  return new UploadTokens(tokens.map(({ text }) => text));
}

/** In characters: fewer could be guessed. */
const SHORTEST_TOKEN = 16;
const MOST_TOKENS = 1000;

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
