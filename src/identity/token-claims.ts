import * as z from '../zod.ts';
import { decodeUtf8, encodeUtf8 } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { checkShape, lateSchema } from '../shape.ts';
import { parseStrictJson } from '../strict-json.ts';

/** What a token of OpenID Connect says of somebody (RFC 7519 4.1, OpenID Connect Core 2). Nothing of it is proven. */
export interface TokenClaims {
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
  /** When it ends to be valid, in seconds since 1970. */
  readonly expires: number;
  /** Absent where the token has none, or one that its issuer did not verify. */
  readonly email?: string;
  readonly isEmailUnverified: boolean;
  /** The workflow that GitHub gave it to: OWNER/REPOSITORY/PATH@REF. */
  readonly workflow?: string;
  /** Further claims that a certificate authority writes into certificates, by name. */
  readonly published: Readonly<Record<string, string>>;
}

/** More than any token has, in characters. */
export const TOKEN_LIMIT = 1 << 16;

/** The claims of a workflow that Fulcio writes into certificates, in the order in which they are shown. */
const PUBLISHED = [
  'repository',
  'ref',
  'sha',
  'workflow',
  'event_name',
  'run_id',
  'run_attempt',
  'runner_environment',
  'repository_visibility',
] as const;

const text = lateSchema(() => z.string().check(z.maxLength(2000, 'at most 2,000 characters')));
const schema = lateSchema(() =>
  z.looseObject({
    iss: text(),
    sub: text(),
    aud: z.union([text(), z.array(text())]),
    exp: z.int('a whole number').check(z.gte(0, 'a number from 0')),
    email: z.optional(text()),
    email_verified: z.optional(z.unknown()),
    job_workflow_ref: z.optional(text()),
  }),
);

/**
 * What a JSON Web Token in its compact form says (RFC 7519 3); its signature is not verified.
 * @throws MalformedError on anything else; the message holds nothing of the token
 */
export function readTokenClaims(token: string): TokenClaims {
  const parts = token.split('.');
  const [header, payload, signature] = parts;
  if (parts.length !== 3 || !header || !payload || !signature || token.length > TOKEN_LIMIT)
    throw new MalformedError('it is no JSON Web Token: three parts with dots between them');
  if (!/^[A-Za-z0-9_-]+$/.test(header + payload + signature))
    throw new MalformedError('it is no JSON Web Token: there are characters that are not of base64url');
  const claims = parsePayload(payload);
  const { iss, sub, aud, exp, email, email_verified: verified, job_workflow_ref: workflow } = claims;
  const isVerified = verified === true || verified === 'true';
  return {
    issuer: iss,
    subject: sub,
    audiences: typeof aud === 'string' ? [aud] : aud,
    expires: exp,
    ...(email && isVerified && { email }),
    isEmailUnverified: Boolean(email) && !isVerified,
    ...(workflow && { workflow }),
    published: Object.fromEntries(
      PUBLISHED.flatMap((name) => {
        const value = claims[name];
        return typeof value === 'string' && value !== '' ? [[name, value] as const] : [];
      }),
    ),
  };
}

function parsePayload(payload: string): z.output<ReturnType<typeof schema>> {
  try {
    const json = decodeUtf8(Buffer.from(payload, 'base64url'));
    return checkShape(schema(), parseStrictJson(encodeUtf8(json)));
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    // What was found could be a part of the token.
    throw new MalformedError(
      'it does not say what it has to: iss, sub, aud and exp as OpenID Connect has them',
    );
  }
}
