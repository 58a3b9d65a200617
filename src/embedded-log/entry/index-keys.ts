import { decodeBase64, decodeUtf8 } from '../../encoding.ts';
import { MalformedError } from '../../errors.ts';
import { decodeArmor } from '../../openpgp/armor.ts';
import { parseHelmEntry } from '../../rekor/helm-entry.ts';
import { keyIndexKeys } from './submitted-key.ts';

/**
 * The keys by which a search finds the entry with this body, as they were when it was accepted: so an index can be made from
 * the entries alone.
 * @throws MalformedError when it is no helm entry
 */
function indexKeysOf(body: Uint8Array): string[] {
  const { sha256 } = parseHelmEntry(body);
  const { spec } = JSON.parse(decodeUtf8(body)) as { spec: { publicKey: { content: string } } };
  const bytes = decodeArmor('PGP PUBLIC KEY BLOCK', decodeUtf8(decodeBase64(spec.publicKey.content)));
  return [`sha256:${sha256}`, ...keyIndexKeys({ certificates: [], bytes })];
}

/** The same; undefined when it is no helm entry. */
export function indexKeysIfHelm(body: Uint8Array): string[] | undefined {
  try {
    return indexKeysOf(body);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}
