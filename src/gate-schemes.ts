/** What stands before the scheme of an address for which Helm asks us. */
export const GATE_PREFIX = 'sigstore+';

/** The schemes for which Helm asks us. */
export const GATE_SCHEMES: readonly string[] = ['https', 'http', 'oci'].map((scheme) => GATE_PREFIX + scheme);

/** Whether an address, or a scheme, is one for which Helm asks us. It is written in lower case. */
export function isGated(address: string): boolean {
  return address.startsWith(GATE_PREFIX);
}

/** The same address without our scheme before its own. */
export function behindTheGate(address: string): string {
  return isGated(address) ? address.slice(GATE_PREFIX.length) : address;
}
