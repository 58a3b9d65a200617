/** The parts of Sigstore's library that are used: a file of their own, loaded for bundles alone. */
export { bundleFromJSON } from '@sigstore/bundle';
export { ASN1Obj, RFC3161Timestamp, X509Certificate } from '@sigstore/core';
export { toSignedEntity, VerificationError, Verifier, type TrustMaterial } from '@sigstore/verify';
