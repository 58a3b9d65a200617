import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.ts';
import { openKeyring, type KnownSigner } from '../../src/keyring/keyring.ts';
import { listKeys } from '../../src/keyring/listing.ts';
import { encodeArmor } from '../../src/openpgp/armor.ts';
import { flipBit } from '../support/bits.ts';
import { keybox, keyboxRecord } from '../support/keybox.ts';
import { manyCertificates } from '../support/many-certificates.ts';
import { createSigner } from '../support/signer.ts';

/** The keys in these bytes; `undefined` if they are refused. Anything else that is thrown is a crash. */
function read(bytes: Uint8Array): KnownSigner[] | undefined {
  try {
    return [...openKeyring([{ place: 'keys', bytes }]).all()];
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** What the keys say that counts: each key that holds, with its user IDs and signing subkeys. */
async function statements(keys: readonly KnownSigner[]): Promise<string[]> {
  const usable = [];
  for await (const key of listKeys(keys, [])) if (key.problem === undefined) usable.push(key);
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
      const whole = read(bytes) ?? expect.fail('it was refused before it was damaged');
      const known = new Set(await statements(whole));
      expect(known.size).toBeGreaterThan(certificates.length * 2);
      for (let at = 0; at < bytes.length; at++) {
        for (const damaged of [read(flipBit(bytes, at * 8 + (at % 8))), read(bytes.subarray(0, at))]) {
          // To verify everything takes its time: at most places only keys with another fingerprint are looked at.
          const keys = damaged?.filter(
            ({ certificate: { primary } }) => at % 64 === 0 || !known.has(primary.fingerprint),
          );
          const found = await statements(keys ?? []);
          expect(found.filter((statement) => !known.has(statement))).toEqual([]);
        }
      }
    },
    60_000,
  );
});
