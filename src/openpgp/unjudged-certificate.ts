import { MalformedError } from '../errors.ts';

/**
 * A copy of a certificate that cannot be judged; it was not found to be bad. In a file of the user it makes
 * the file malformed, and there is no verdict on the chart. In an entry of a log it fails that entry, and no
 * other.
 */
export abstract class UnjudgedCertificateError extends MalformedError {
  /** What a user who has the copy in a file can do. */
  abstract readonly hint: string;
}

/** A copy that lacks what it needs to be judged. */
export class IncompleteCertificateError extends UnjudgedCertificateError {
  readonly hint =
    'this copy of the key is not whole, as keys.openpgp.org gives keys whose owner confirmed no address: get it from its publisher, or from another server';

  constructor(fingerprint: string) {
    super(`the key ${fingerprint} has no user ID`);
  }
}

/**
 * A copy that holds more than anybody needs. It is not judged without the rest, because a revocation may be
 * there, and not as a whole, because each signature costs a verification.
 */
export class FloodedCertificateError extends UnjudgedCertificateError {
  readonly hint =
    'anybody who passes a key on can add to it: get a copy without the additions from its publisher, or from another server';
}
