import { readPackets, writePacket } from '../../../src/openpgp/packets.ts';
import { CHART_SIGNED, DAY, KEY_CREATED } from '../../support/signer.ts';
import type { CertificateChanges, SignerOptions } from '../../support/signer.ts';
import { type HostileWorld, LOGGED, NOW, signerWith } from '../../support/world/hostile-world.ts';
import type { Forgery } from '../row.ts';

/** Life of a key in seconds that ends between the signature of a chart and its entry. */
const UNTIL_SIGNED = LOGGED - 60 - KEY_CREATED;

/** A thief with yesterday's key, and keys that were not to be used. The log is honest. */
export const signerKeyForgeries: readonly Forgery[] = [
  {
    ...dead(
      'expired before it was logged',
      'The key expired after the signature and before the log took the entry.',
    ),
    publisher: { expiresAfter: UNTIL_SIGNED },
    stage: (world) => world.logChart(),
  },
  {
    ...dead(
      'dated back by a thief',
      'Whoever found the expired key dates the signature back and logs it today.',
    ),
    publisher: { expiresAfter: 60 * DAY },
    signing: { at: KEY_CREATED + 30 * DAY },
    stage: (world) => world.logChart(),
  },
  {
    ...dead('a subkey that expired', 'The subkey that signed had expired when the log took the entry.'),
    publisher: { subkey: { expiresAfter: UNTIL_SIGNED } },
    stage: (world) => world.logChart(),
  },
  {
    ...dead('a primary key that expired', 'The subkey is alive, but its primary key was not.'),
    publisher: { subkey: {}, expiresAfter: UNTIL_SIGNED },
    stage: (world) => world.logChart(),
  },
  revoked('stolen, revoked later', 'The key was revoked as stolen, after the entry was logged.', {
    revocations: [{ at: NOW - DAY, reason: 2 }],
  }),
  revoked('revoked without a reason', 'The key was revoked without a reason, after the entry was logged.', {
    revocations: [{ at: NOW - DAY }],
  }),
  revoked('retired before', 'The key was retired before the log took the entry.', {
    revocations: [{ at: CHART_SIGNED - DAY, reason: 3 }],
  }),
  revoked('superseded before', 'The key was superseded before the log took the entry.', {
    revocations: [{ at: CHART_SIGNED + 60, reason: 1 }],
  }),
  revoked(
    'a stolen subkey',
    'The subkey that signed was revoked as stolen, after the entry was logged.',
    { subkeyRevocations: [{ at: NOW - DAY, reason: 2 }] },
    { subkey: {} },
  ),
  revoked(
    'a stolen primary key',
    'The primary key above the subkey that signed was revoked as stolen.',
    { revocations: [{ at: NOW - DAY, reason: 2 }] },
    { subkey: {} },
  ),
  {
    ...dead(
      'revoked by a designated revoker',
      'Somebody whom the key names as its revoker revoked it as stolen.',
    ),
    stage: async (world) => {
      world.logChart();
      const guard = await signerWith({}, 'guard');
      const revoker = guard.fingerprint;
      await world.changeKeyring({ revoker, revocations: [{ at: NOW - DAY, reason: 2, by: guard }] });
      world.user.keyrings.push(await world.write('guard.gpg', guard.certificate));
    },
  },
  {
    ...dead(
      'revoked in one of two keyrings',
      'Only the second of two copies of the key knows that it was stolen.',
    ),
    stage: async (world) => {
      world.logChart();
      world.user.keyrings.push(await world.write('newer.gpg', await revokedCopy(world)));
    },
  },
  misplaced(
    'a revocation behind the user ID',
    'The revocation of the key was moved behind its user ID, where it revokes nothing by the letter.',
    ([primary, revocation, ...rest]) => [primary, ...rest, revocation],
  ),
  misplaced(
    'a revocation behind a subkey',
    'The revocation of the key was moved behind its subkey.',
    ([primary, revocation, ...rest]) => [primary, ...rest, revocation],
    { subkey: {} },
  ),
  misplaced(
    'a revocation in front of the key',
    'The revocation stands before any key, as in a file of revocations that was put in front of a keyring.',
    ([primary, revocation, ...rest]) => [revocation, primary, ...rest],
  ),
  {
    ...dead(
      "a revocation behind another's key",
      "The revocation was cut out of the key, and stands behind somebody else's.",
    ),
    stage: async (world) => {
      world.logChart();
      const [primary, revocation, ...rest] = packetsOf(await revokedCopy(world));
      const { certificate } = await signerWith({}, 'neighbour');
      const pieces = [primary, ...rest, certificate, revocation];
      world.user.keyrings = [await world.write('moved.gpg', Buffer.concat(pieces))];
    },
  },
  {
    ...dead(
      'revoked only in the log',
      "Only the copy of the key in the log's entry knows that it was stolen.",
    ),
    stage: async (world) => {
      world.log.append(world.body({ certificateBytes: await revokedCopy(world) }), {
        integratedTime: LOGGED,
      });
    },
  },
  {
    ...dead(
      'buried in revocations',
      'The copy of the key in the log carries a thousand forged revocations, each of which takes time to refute.',
    ),
    stage: async (world) => {
      const [primary, revocation, ...rest] = packetsOf(await revokedCopy(world));
      const forged = Array.from({ length: 1000 }, (_, n) => withLastOctets(revocation, n));
      const certificateBytes = Buffer.concat([primary, ...forged, ...rest]);
      world.log.append(world.body({ certificateBytes }), { integratedTime: LOGGED });
    },
  },
  {
    ...dead('not a signing key', 'The key was made to certify, and not to sign.'),
    stage: async (world) => {
      await world.changeKeyring({ selfSignatures: [{ flags: 0x01 }] });
      world.logChart();
    },
  },
  {
    ...dead('a subkey for something else', 'The subkey that signed was made to encrypt, and not to sign.'),
    publisher: { subkey: {} },
    stage: async (world) => {
      await world.changeKeyring({ bindings: [{ flags: 0x0c }] });
      world.logChart();
    },
  },
  {
    ...dead(
      'logged before the key was made',
      'The log says that it took the entry before there was the key.',
    ),
    also: { 'log-time': 'failed' },
    stage: (world) => world.logChart(KEY_CREATED - DAY),
  },
];

/** The log lies about the time, with its signature. */
export const logTimeForgeries: readonly Forgery[] = [
  backdated('an entry from the future', 'The log says that it will take the entry tomorrow.', NOW + DAY),
  backdated('five minutes and a second ahead', 'The time is just beyond what clocks may differ.', NOW + 301),
  backdated('milliseconds', 'The time is given in milliseconds.', LOGGED * 1000),
  backdated(
    'logged before it was signed',
    'The log dates an entry back to before the signature in it.',
    CHART_SIGNED - DAY,
  ),
  backdated(
    'five minutes and a second back',
    'The time is just before what clocks may differ.',
    CHART_SIGNED - 301,
  ),
];

function dead(name: string, story: string): Omit<Forgery, 'stage'> {
  return { name, story, caughtBy: 'signer-key', status: 10 };
}

/** The keyring knows that the key is dead; what was logged of it does not. */
function revoked(
  name: string,
  story: string,
  changes: CertificateChanges,
  publisher: SignerOptions = {},
): Forgery {
  return {
    ...dead(name, story),
    publisher,
    stage: async (world) => {
      world.logChart();
      await world.changeKeyring(changes);
    },
  };
}

/** The user's copy knows that the key was stolen, but not where one would look for that. */
function misplaced(
  name: string,
  story: string,
  arrange: (packets: ReturnType<typeof packetsOf>) => Uint8Array[],
  publisher: SignerOptions = {},
): Forgery {
  return {
    ...dead(name, story),
    publisher,
    stage: async (world) => {
      world.logChart();
      const packets = arrange(packetsOf(await revokedCopy(world)));
      world.user.keyrings = [await world.write('moved.gpg', Buffer.concat(packets))];
    },
  };
}

function backdated(name: string, story: string, time: number): Forgery {
  return { name, story, caughtBy: 'log-time', status: 10, stage: (world) => world.logChart(time) };
}

async function revokedCopy({ publisher }: HostileWorld): Promise<Uint8Array> {
  return await publisher.certificateWith({ revocations: [{ at: NOW - DAY, reason: 2 }] });
}

function packetsOf(certificate: Uint8Array): [Uint8Array, Uint8Array, ...Uint8Array[]] {
  const [first, second, ...others] = [...readPackets(certificate)].map(writePacket);
  if (first === undefined || second === undefined) throw new Error('no two packets');
  return [first, second, ...others];
}

/** The packet with another signature in it. */
function withLastOctets(packet: Uint8Array, number: number): Uint8Array {
  const copy = Buffer.from(packet);
  copy.writeUInt16BE(number, copy.length - 2);
  return copy;
}
