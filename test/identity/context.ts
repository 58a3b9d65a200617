import { createHash } from 'node:crypto';
import { parseSha256 } from '../../src/digest.ts';
import type { Limits } from '../../src/http/deadline.ts';
import type { ChartToSign } from '../../src/identity/release-statement.ts';
import {
  signByIdentity,
  type Announcement,
  type IdentityContext,
  type IdentityOptions,
  type SignedByIdentity,
} from '../../src/identity/sign-by-identity.ts';
import { testClient, testDeadline } from '../http/client.ts';

/** A run that signs, and what it said before it sent anything. */
export interface TestContext extends IdentityContext {
  readonly announced: Announcement[];
}

/** A context of its own for a test. */
export function identityContext(
  changes: Partial<IdentityContext> & { readonly limits?: Partial<Limits> } = {},
): TestContext {
  const announced: Announcement[] = [];
  return {
    env: {},
    stdin: () => pieces(),
    now: () => Math.floor(Date.now() / 1000),
    interrupted: new AbortController().signal,
    http: testClient(),
    trustedKeys: [],
    deadline: () =>
      testDeadline({ connect: 60_000, idle: 60_000, request: 60_000, all: 150_000, ...changes.limits }),
    announce: (each) => announced.push(each),
    ...changes,
    announced,
  };
}

/** A chart whose archive has these bytes. */
export function chartOf(bytes: Uint8Array, changes: Partial<ChartToSign> = {}): ChartToSign {
  const sha256 = parseSha256(createHash('sha256').update(bytes).digest('hex'));
  return { name: 'hello', version: '0.1.0', sha256, chunks: () => pieces(bytes), ...changes };
}

/** Signs one chart. */
export async function signOne(
  chart: ChartToSign,
  options: Partial<IdentityOptions>,
  context: IdentityContext,
): Promise<SignedByIdentity> {
  const all = {
    identityToken: undefined,
    signingConfig: undefined,
    format: 'statement' as const,
    ...options,
  };
  const signed: SignedByIdentity[] = [];
  for await (const each of signByIdentity([chart], all, context)) signed.push(each);
  const [first] = signed;
  if (first === undefined || signed.length > 1)
    throw new Error(`expected one signature, found ${signed.length}`);
  return first;
}

/** Bytes as a stream. */
// eslint-disable-next-line @typescript-eslint/require-await -- a stream that never waits
export async function* pieces(...all: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, void> {
  yield* all;
}
