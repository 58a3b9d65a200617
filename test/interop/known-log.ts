/** A log, and the file with its public key (PEM). */
export interface KnownLog {
  readonly url: string;
  readonly publicKey: string;
}
