/** A log, and the file with its public key (PEM). */
export interface KnownLog {
  readonly url: string;
  readonly publicKey: string;
  /** What those who talk to it need in their environment. */
  readonly env?: Readonly<Record<string, string>>;
}
