import { MalformedError } from '../errors.ts';
import { identifyKey, isPrimaryKey, isSubkey, type KeyIdentity } from '../openpgp/key-packet.ts';
import { readPackets, type Packet } from '../openpgp/packets.ts';

/** Where a certificate is in a keyring, and the keys in it. */
export interface ScannedCertificate {
  readonly primary: KeyIdentity;
  /** Primary key and subkeys. */
  readonly keys: readonly KeyIdentity[];
  /** All its packets. */
  readonly bytes: Uint8Array;
}

/**
 * Finds the certificates in a sequence of packets. Only packet headers are read, and keys hashed for their
 * fingerprints; keys of unknown versions are skipped with all that belongs to them.
 * @throws MalformedError if the bytes are no sequence of packets, or start with something else than a key
 */
export function scanCertificates(bytes: Uint8Array): ScannedCertificate[] {
  const found: ScannedCertificate[] = [];
  let keys: (KeyIdentity | undefined)[] = [];
  let start = 0;
  let end = 0;
  const finish = (): void => {
    const [primary] = keys;
    if (primary !== undefined)
      found.push({
        primary,
        keys: keys.filter((key) => key !== undefined),
        bytes: bytes.subarray(start, end),
      });
  };
  for (const packet of readPackets(bytes)) {
    if (isPrimaryKey(packet)) {
      finish();
      [keys, start] = [[keyIn(packet)], end];
    } else if (keys.length === 0)
      throw new MalformedError(`expected an OpenPGP key, found a packet of type ${packet.tag}`);
    else if (isSubkey(packet)) keys.push(keyIn(packet));
    end = packet.body.byteOffset + packet.body.byteLength - bytes.byteOffset;
  }
  finish();
  return found;
}

function keyIn(packet: Packet): KeyIdentity | undefined {
  try {
    return identifyKey(packet);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}
