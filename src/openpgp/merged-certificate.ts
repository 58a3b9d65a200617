import type { Certificate } from './certificate.ts';
import { octetText } from './octets.ts';

/** One certificate of all that copies of it hold; each user ID, subkey and signature once. */
export function mergeCertificates(copies: readonly [Certificate, ...Certificate[]]): Certificate {
  const [first] = copies;
  return {
    primary: first.primary,
    ...mergeSignatures(copies),
    userIds: groupBy(
      copies.flatMap((copy) => copy.userIds),
      ({ bytes }) => octetText(bytes),
    ).map((same) => ({ ...same[0], ...mergeSignatures(same) })),
    subkeys: groupBy(
      copies.flatMap((copy) => copy.subkeys),
      ({ key }) => key.fingerprint,
    ).map((same) => ({ ...same[0], ...mergeSignatures(same) })),
  };
}

/** What holds signatures, and among them revocations. */
type Holder = Pick<Certificate, 'signatures' | 'revocations'>;

function mergeSignatures(holders: readonly Holder[]): Holder {
  const once = <T extends { body: Uint8Array }>(packets: readonly T[]): T[] =>
    groupBy(packets, ({ body }) => octetText(body)).map(([packet]) => packet);
  return {
    signatures: once(holders.flatMap(({ signatures }) => signatures)),
    revocations: once(holders.flatMap(({ revocations }) => revocations)),
  };
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): [T, ...T[]][] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
