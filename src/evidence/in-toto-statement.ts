import * as z from '../zod.ts';
import { excerpt } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { checkShape, lateSchema } from '../shape.ts';
import { parseStrictJson } from '../strict-json.ts';
import type { DsseEnvelope } from './sigstore-bundle.ts';

/** A statement about files (in-toto attestation framework, `Statement` v0.1 and v1). */
export interface InTotoStatement {
  readonly predicateType: string;
  readonly subjects: readonly StatementSubject[];
}

/** A file that a statement is about. */
export interface StatementSubject {
  /** As the statement names it; undefined: it does not. */
  readonly name: string | undefined;
  /** In hexadecimal as the statement spells it, by the name of the hash function. */
  readonly digests: Readonly<Record<string, unknown>>;
}

const PAYLOAD_TYPE = 'application/vnd.in-toto+json';
const MAX_SUBJECTS = 1000;

const schema = lateSchema(() =>
  z.looseObject({
    _type: z.union([
      z.literal('https://in-toto.io/Statement/v0.1'),
      z.literal('https://in-toto.io/Statement/v1'),
    ]),
    predicateType: z.string().check(z.maxLength(500, 'at most 500 characters')),
    subject: z
      .array(z.looseObject({ name: z.optional(z.string()), digest: z.looseObject({}) }))
      .check(
        z.minLength(1, 'one subject or more'),
        z.maxLength(MAX_SUBJECTS, `at most ${MAX_SUBJECTS} subjects`),
      ),
  }),
);

/**
 * The statement in an envelope. What it says of its subjects beside their digests is not read.
 * @throws MalformedError if there is none, or it is malformed
 */
export function parseStatement({ payload, payloadType }: DsseEnvelope): InTotoStatement {
  if (payloadType !== PAYLOAD_TYPE)
    throw new MalformedError(`expected a payload ${PAYLOAD_TYPE}, found ${excerpt(payloadType)}`);
  const { predicateType, subject } = checkShape(schema(), parseStrictJson(payload));
  return {
    predicateType,
    subjects: subject.map(({ name, digest }) => ({ name, digests: digest })),
  };
}
