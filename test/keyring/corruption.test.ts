import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.ts';
import { openKeyring, type Keyring } from '../../src/keyring/keyring.ts';
import { listKeyring } from '../../src/keyring/listing.ts';
import { encodeArmor } from '../../src/openpgp/armor.ts';
import { flipBit } from '../support/bits.ts';
import { keybox, keyboxRecord } from '../support/keybox.ts';
import { manyCertificates } from '../support/many-certificates.ts';
import { createSigner } from '../support/signer.ts';

/** The keyring in these bytes; `undefined` if they are refused. Anything else that is thrown is a crash. */
function open(bytes: Uint8Array): Keyring | undefined {
  try {
    return openKeyring([{ place: 'keys', bytes }]);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** What the keyring says that counts: each key that holds, with its user IDs and signing subkeys. */
async function statements(keyring: Keyring): Promise<string[]> {
  const usable = (await listKeyring(keyring)).filter(({ problem }) => problem === undefined);
  return usable.flatMap(({ fingerprint, userIds, subkeys }) => [
    fingerprint,
    ...userIds.map((userId) => `${fingerprint} is ${userId}`),
    ...subkeys.map((subkey) => `${fingerprint} signs with ${subkey.fingerprint}`),
  ]);
}

describe('a damaged keyring never crashes, and never yields a key that was not there', async () => {
  const certificates = [
    ...manyCertificates(3),
    (await createSigner({ userIds: ['Two <two@keys.example>', 'Three <three@keys.example>'], subkey: {} }))
      .certificate,
    (await createSigner({ algorithm: 'p256' })).certificate,
  ];
  const binary = Buffer.concat(certificates);

  it.each<[string, Uint8Array]>([
    ['binary', binary],
    ['armored', Buffer.from(encodeArmor('PGP PUBLIC KEY BLOCK', binary))],
    ['a keybox', keybox(...certificates.map((certificate) => keyboxRecord(certificate)))],
  ])(
    'when it is %s and a bit of a byte is changed, or it is cut',
    async (_, bytes) => {
      const whole = open(bytes) ?? expect.fail('it was refused before it was damaged');
      const known = new Set(await statements(whole));
      expect(known.size).toBeGreaterThan(certificates.length * 2);
      for (let at = 0; at < bytes.length; at++) {
        for (const damaged of [open(flipBit(bytes, at * 8 + (at % 8))), open(bytes.subarray(0, at))]) {
          if (damaged === undefined) continue;
          // To verify everything takes its time: at most places only keys with another fingerprint are looked at.
          const all = damaged
            .all()
            .filter(({ certificate: { primary } }) => at % 64 === 0 || !known.has(primary.fingerprint));
          const found = await statements({ ...damaged, all: () => all });
          expect(found.filter((statement) => !known.has(statement))).toEqual([]);
        }
      }
    },
    60_000,
  );
});
