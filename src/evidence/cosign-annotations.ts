import { decodeBase64, encodeBase64, encodeUtf8 } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { pemOf } from '../pem.ts';
import { readSignatureEntry } from '../rekor/signature-entry.ts';
import { checkShape } from '../shape.ts';
import { parseStrictJson } from '../strict-json.ts';
import { rekorBundleSchema } from './bundle-schema.ts';

/** What cosign 2 annotates a layer with whose content it signed (cosign, specs/SIGNATURE_SPEC.md, "Properties"). */
const SIGNATURE = 'dev.cosignproject.cosign/signature';
const CERTIFICATE = 'dev.sigstore.cosign/certificate';
const LOG = 'dev.sigstore.cosign/bundle';

/**
 * The bundle, as cosign 2 wrote one beside a file, of what it annotated in a registry. Chains of certificates and timestamps are left
 * out: the trusted root has the chain, and the log's promise the time. Nothing of it is judged.
 * @throws MalformedError if the signature or the log's word on it is missing, or the latter cannot be read
 */
export function bundleOfAnnotations(annotations: ReadonlyMap<string, string>): Uint8Array {
  const base64Signature = annotations.get(SIGNATURE);
  const log = annotations.get(LOG);
  if (base64Signature === undefined) throw new MalformedError('expected a signature, found none');
  if (log === undefined) throw new MalformedError('expected an entry of a log, found none');
  const rekorBundle = checkShape(rekorBundleSchema(), parseStrictJson(encodeUtf8(log)));
  const certificate = annotations.get(CERTIFICATE);
  const signer =
    certificate === undefined || certificate === '' ? keyIn(rekorBundle.Payload.body) : certificate;
  return encodeUtf8(JSON.stringify({ base64Signature, cert: encodeBase64(encodeUtf8(signer)), rekorBundle }));
}

/** The key that the entry names, in PEM: of one that a key signed nothing else says whose it is. */
function keyIn(body: string): string {
  const { verifier } = readSignatureEntry(decodeBase64(body));
  if (verifier.kind === 'key') return pemOf(verifier.der, 'PUBLIC KEY');
  throw new MalformedError('its entry holds a certificate, and it has none');
}
