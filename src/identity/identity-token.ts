import { excerpt, formatTime } from '../encoding.ts';
import { InputError, MalformedError } from '../errors.ts';
import { Secret } from '../services/secret.ts';
import { readTokenClaims, type TokenClaims } from './token-claims.ts';

/** For whom tokens have to be made out that Sigstore's certificate authorities take. */
export const TOKEN_AUDIENCE = 'sigstore';

/** Says who somebody is, to a certificate authority alone: whoever has it can sign in the same name. */
export class IdentityToken {
  private constructor(
    readonly secret: Secret,
    readonly claims: TokenClaims,
    /** Where it comes from, in words. */
    readonly source: string,
    /** Whether there is another one where it comes from, each time. */
    readonly isRenewable: boolean,
  ) {}

  /** @throws InputError if it is no token; the message holds nothing of it */
  static parse(text: string, source: string, isRenewable = false): IdentityToken {
    try {
      return new IdentityToken(new Secret(text), readTokenClaims(text), source, isRenewable);
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      throw new InputError(
        `expected ${source} to hold an identity token: ${error.message}`,
        'get a token for the audience "sigstore" from your identity provider',
      );
    }
  }

  /** What a signature has to be over that shows who has the key: what Fulcio calls the subject. */
  get challenge(): string {
    return this.claims.email ?? this.claims.subject;
  }

  /**
   * @param now seconds since 1970
   * @throws InputError if no certificate authority would take it: then it is sent to none
   */
  requireUsable(now: number): void {
    const { audiences, expires, isEmailUnverified } = this.claims;
    if (expires <= now)
      throw new InputError(
        `the identity token of ${this.source} expired at ${formatTime(expires)}, ${now - expires} s ago`,
        'get a new one; if it is new, check the clock of this machine',
      );
    if (!audiences.includes(TOKEN_AUDIENCE))
      throw new InputError(
        `expected the identity token of ${this.source} to be for the audience "${TOKEN_AUDIENCE}", found ${audiences.map((each) => excerpt(each)).join(', ')}`,
        'ask the identity provider for a token with that audience; one for others is not shown to Sigstore',
      );
    if (isEmailUnverified)
      throw new InputError(
        `the identity token of ${this.source} has an e-mail address that its issuer did not verify`,
        'verify the address there, or use a token without one',
      );
  }
}
