import * as z from '../../zod.ts';
import { encodeBase64, encodeUtf8 } from '../../encoding.ts';
import { MalformedError } from '../../errors.ts';
import { checkShape, lateSchema, parseJson } from '../../shape.ts';
import { signWith, verifySignature, type LogKey } from '../../tlog/log-key.ts';
import type { SigningKey } from '../key-file.ts';
import type { SegmentName } from './segment.ts';

const listSchema = lateSchema(() =>
  z.strictObject({
    segments: z.array(
      z.strictObject({
        file: z.string(),
        from: z.int(),
        to: z.int(),
        records: z.int(),
        digest: z.string(),
      }),
    ),
    signature: z.string(),
  }),
);

/** The list of the segments of an index, one behind the other, signed by the log. */
export function formatSegmentList(
  segments: readonly SegmentName[],
  origin: string,
  { privateKey }: SigningKey,
): string {
  const signature = encodeBase64(signWith(privateKey, signedList(segments, origin)));
  return `${JSON.stringify({ segments, signature })}\n`;
}

/**
 * The segments that a list names.
 * @param keys of which one signed it
 * @throws MalformedError when none did
 */
export function parseSegmentList(bytes: Uint8Array, origin: string, keys: readonly LogKey[]): SegmentName[] {
  const { segments, signature } = checkShape(listSchema(), parseJson(bytes));
  const [signed, made] = [signedList(segments, origin), Buffer.from(signature, 'base64')];
  if (!keys.some((key) => verifySignature(key, signed, made)))
    throw new MalformedError('it is not what was signed');
  return segments;
}

/** The log signs nothing else of this form. */
function signedList(segments: readonly SegmentName[], origin: string): Uint8Array {
  const lines = segments.map(
    ({ file, from, to, records, digest }) => `${file} ${from} ${to} ${records} ${digest}\n`,
  );
  return encodeUtf8(`helm-sigstore index\n${origin}\n${lines.join('')}`);
}
