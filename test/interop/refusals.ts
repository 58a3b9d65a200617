import type { Kind } from './publishers.ts';

/** Uploads that are refused, and in which words. */
interface Refusal {
  readonly kind: Kind;
  readonly server: RegExp;
  readonly client: RegExp;
  readonly says: string;
  readonly why: string;
}

export const REFUSALS: readonly Refusal[] = [
  {
    kind: 'Ed25519',
    server: /^Rekor 1\.5\.3$/,
    client: /./,
    says: 'unsupported feature: public key type: 22',
    why: 'the OpenPGP library of Rekor before 1.5.4 does not know these keys',
  },
  {
    kind: 'renewed since',
    server: /./,
    client: /^rekor-cli$/,
    says: 'openpgp: signature expired',
    why: 'rekor-cli looks at the newest self-signature only, which is younger than the chart; `helm sigstore` sends the one of that time',
  },
];

/** The refusal that is expected, if one is. */
export function expectedRefusal(kind: Kind, server: string, client: string): Refusal | undefined {
  return REFUSALS.find(
    (refusal) => refusal.kind === kind && refusal.server.test(server) && refusal.client.test(client),
  );
}
