import * as z from '../zod.ts';
import { parseSha256, type Sha256 } from '../digest.ts';
import { checkShape, lateSchema } from '../shape.ts';
import { parseStrictJson } from '../strict-json.ts';

/** The text that cosign signed in place of an image manifest, before it wrote statements: it names the manifest. */
export interface ImageClaim {
  /** Of the bytes of the manifest. */
  readonly manifest: Sha256;
  /** The last part of the name that the signer gave the image, without tag and digest; empty where it gave none. */
  readonly name: string;
}

/** Strictly, as Go reads other spellings of these names as well. What is `optional` is not looked at. */
const claimSchema = lateSchema(() =>
  z.strictObject({
    critical: z.strictObject({
      identity: z.strictObject({
        'docker-reference': z.string().check(z.maxLength(1000, 'at most 1000 characters')),
      }),
      image: z.strictObject({
        'docker-manifest-digest': z
          .string()
          .check(z.regex(/^sha256:[0-9a-f]{64}$/, 'sha256: and 64 hexadecimal digits')),
      }),
      type: z.literal('cosign container image signature'),
    }),
    optional: z.optional(z.unknown()),
  }),
);

/**
 * What a text in the form of simple signing says (cosign, specs/SIGNATURE_SPEC.md, "Payload").
 * @throws MalformedError on anything else, and on a signature that is of another type than cosign's
 */
export function parseImageClaim(bytes: Uint8Array): ImageClaim {
  const { critical } = checkShape(claimSchema(), parseStrictJson(bytes));
  return {
    manifest: parseSha256(critical.image['docker-manifest-digest'].slice('sha256:'.length)),
    name: nameIn(critical.identity['docker-reference']),
  };
}

/** `HOST:PORT/PATH/NAME:TAG@DIGEST` */
function nameIn(reference: string): string {
  const [untagged = ''] = reference.slice(reference.lastIndexOf('/') + 1).split(/[:@]/, 1);
  return untagged;
}
