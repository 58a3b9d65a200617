import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MalformedError, RejectedError } from '../../src/errors.ts';
import { additionsOf } from '../../src/keyring/addition.ts';
import { openKeyring } from '../../src/keyring/keyring.ts';
import { encodeArmor } from '../../src/openpgp/armor.ts';
import { readCertificates, type Certificate } from '../../src/openpgp/certificate.ts';
import { packetTag, writePacket } from '../../src/openpgp/packets.ts';
import { assessCertificate, type Signer } from '../../src/openpgp/key-lifetime.ts';
import { withRevocationsOf } from '../../src/openpgp/revocation-copies.ts';
import { GnupgHome, gnupg } from '../support/gnupg.ts';
import { certificateWith, ODDITIES, oddRevocation, TARGETS } from '../support/odd-certificates.ts';
import type { Cast, Oddity, Target } from '../support/odd-certificates.ts';
import { makeRawKey } from '../support/raw-openpgp.ts';

const cast: Cast = { primary: makeRawKey(), subkey: makeRawKey(), stranger: makeRawKey() };
/** A subkey that somebody added. */
const other = makeRawKey();
const whole = certificateWith(cast);
const ofStranger = certificateWith({ ...cast, primary: cast.stranger });

const BEHIND_OTHER = 'behind another subkey';
const BEHIND_USER_ID = 'behind another user ID';
const BEHIND_PHOTO = 'behind a photo';
/** What it is put behind may be what it is of, for each target. */
const MISPLACED: Readonly<Record<Target, readonly string[]>> = {
  'primary key': [],
  subkey: [BEHIND_OTHER],
  'user ID': [BEHIND_USER_ID, BEHIND_PHOTO],
};

/** Where a revocation may be: the rings in which it is found with the certificate. */
const PLACES: Record<string, (revocation: Uint8Array, target: Target) => Uint8Array[]> = {
  'in the certificate': (revocation, target) => [certificateWith(cast, { [target]: revocation })],
  'in another copy, read later': (revocation, target) => [
    whole,
    certificateWith(cast, { [target]: revocation }),
  ],
  'in another copy, read first': (revocation, target) => [
    certificateWith(cast, { [target]: revocation }),
    whole,
  ],
  'behind the whole certificate': (revocation) => [Buffer.concat([whole, revocation])],
  [BEHIND_OTHER]: (revocation) => [Buffer.concat([whole, subkeyPacket(other.body), revocation])],
  [BEHIND_USER_ID]: (revocation) => [Buffer.concat([whole, otherUserId, revocation])],
  [BEHIND_PHOTO]: (revocation) => [Buffer.concat([whole, photo, revocation])],
  'behind a subkey that nobody can read': (revocation) => [
    Buffer.concat([whole, subkeyPacket(Buffer.of(4, 1, 2)), revocation]),
  ],
  'behind a subkey of an old version': (revocation) => [
    Buffer.concat([whole, subkeyPacket(Buffer.of(3, 1, 2)), revocation]),
  ],
  'in an armored copy': (revocation, target) => [
    whole,
    armored(certificateWith(cast, { [target]: revocation })),
  ],
};

const otherUserId = writePacket({ tag: packetTag.userId, body: Buffer.from('Other <other@charts.example>') });
/** An attribute of one octet, of a private type. */
const photo = writePacket({ tag: packetTag.userAttribute, body: Buffer.of(2, 100, 1) });

function subkeyPacket(body: Uint8Array): Uint8Array {
  return writePacket({ tag: packetTag.publicSubkey, body });
}

/** Places where it stands without the key. */
const ALONE: typeof PLACES = {
  'alone in a file': (revocation) => [whole, revocation],
  'alone in an armored file': (revocation) => [armored(revocation), whole],
  'before another key': (revocation) => [whole, Buffer.concat([revocation, ofStranger])],
};

/** What the rings and the log's copies say of the target. */
async function isRevoked(
  target: Target,
  rings: readonly Uint8Array[],
  copies: Certificate[] = [],
): Promise<boolean> {
  const found = await isRevokedIn(target, rings, copies);
  // What `keys add` keeps of these files says the same.
  expect(await isRevokedIn(target, [await kept(rings)], copies)).toBe(found);
  return found;
}

/** What is kept of the files, added one after the other. A revocation can only be added to a key that is kept. */
async function kept(rings: readonly Uint8Array[]): Promise<Uint8Array> {
  const { fingerprint } = cast.primary;
  const isKey = (ring: Uint8Array) =>
    openKeyring([{ place: 'ring', bytes: ring }]).packets(fingerprint).length > 0;
  let packets = new Uint8Array();
  for (const ring of [...rings.filter(isKey), ...rings.filter((ring) => !isKey(ring))]) {
    const known = packets.length > 0 ? [{ place: 'kept', bytes: packets, holds: fingerprint }] : [];
    const adding = additionsOf([fingerprint], { place: 'ring', bytes: ring }, known);
    // A file that says nothing of the key is refused, such as one with a forged revocation that names no key.
    const [addition] = await adding.catch((error: unknown) => {
      if (isKey(ring) || !(error instanceof RejectedError)) throw error;
      return [];
    });
    if (addition === undefined) continue;
    packets = Uint8Array.from(addition.packets);
    expect(readCertificates(packets).map(({ primary }) => primary.fingerprint)).toEqual([fingerprint]);
  }
  return packets;
}

async function isRevokedIn(
  target: Target,
  rings: readonly Uint8Array[],
  copies: Certificate[],
): Promise<boolean> {
  const keyring = openKeyring(rings.map((bytes, number) => ({ place: `ring ${number}`, bytes })));
  const { subkey, stranger } = cast;
  // A stranger is never harmed.
  for (const found of keyring.find({ fingerprint: stranger.fingerprint, keyId: undefined })) {
    const assessed = await assessCertificate(found.certificate, stranger.fingerprint, []);
    expect(assessed.primary.revocations).toEqual([]);
  }
  const [known] = keyring.find({ fingerprint: subkey.fingerprint, keyId: undefined });
  const { certificate } = known ?? expect.fail('not found');
  const all = await withRevocationsOf(certificate, copies, []);
  let signer: Signer;
  try {
    signer = await assessCertificate(all, subkey.fingerprint, []);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    expect(error.message).toContain('no user ID with a valid self-signature');
    return target === 'user ID';
  }
  const { revocations } = target === 'subkey' ? signer.signing : signer.primary;
  expect(revocations.every(({ hard }) => hard)).toBe(true);
  return target !== 'user ID' && revocations.length > 0;
}

describe.each(ODDITIES)('a revocation with $name', (oddity) => {
  // There it is of what it stands behind, unless it can be shown to be of something else.
  const counting = rows(Object.keys({ ...PLACES, ...ALONE })).filter(
    ([target, name]) => oddity.canBeRefuted || !MISPLACED[target].includes(name),
  );
  it.each(counting)('counts for a %s %s', async (target, _, place) => {
    const rings = place(oddRevocation(oddity, target, cast, false), target);
    // A packet that cannot be read names no key: where it stands alone it is refused.
    if (cannotBeRead(oddity) && Object.values(ALONE).includes(place)) {
      expect(() => [...openKeyring(rings.map((bytes) => ({ place: 'ring', bytes }))).all()]).toThrow(
        'cannot be read',
      );
      return;
    }
    expect(await isRevoked(target, rings)).toBe(true);
  });

  it.each(TARGETS)('counts for a %s where only the copy in a log has it', async (target) => {
    const revocation = oddRevocation(oddity, target, cast, false);
    const copies = readCertificates(certificateWith(cast, { [target]: revocation }));
    expect(await isRevoked(target, [whole], copies)).toBe(true);
  });

  it.each(
    oddity.canBeRefuted
      ? TARGETS.flatMap((target) => MISPLACED[target].map((name) => [target, name] as const))
      : [],
  )('counts for a %s where only the copy in a log has it, %s', async (target, name) => {
    const [bytes = Buffer.of()] = PLACES[name]?.(oddRevocation(oddity, target, cast, false), target) ?? [];
    expect(await isRevoked(target, [whole], readCertificates(bytes))).toBe(true);
  });

  it.each(oddity.canBeRefuted ? rows(FORGED) : [])(
    'counts for nothing if it was forged: %s %s',
    async (target, _, place) => {
      const rings = place(oddRevocation(oddity, target, cast, true), target);
      expect(await isRevoked(target, rings)).toBe(false);
    },
  );

  it.each(oddity.canBeRefuted ? TARGETS : [])(
    'counts for nothing if the log has a forged one: %s',
    async (target) => {
      const revocation = oddRevocation(oddity, target, cast, true);
      const copies = readCertificates(certificateWith(cast, { [target]: revocation }));
      expect(await isRevoked(target, [whole], copies)).toBe(false);
    },
  );
});

describe.skipIf(gnupg === undefined)('GnuPG (needs gpg)', () => {
  let home: GnupgHome;
  let folder: string;
  beforeAll(async () => {
    home = await GnupgHome.create();
    folder = await mkdtemp(join(tmpdir(), 'revocations-'));
  });
  afterAll(async () => {
    await home.remove();
    await rm(folder, { recursive: true });
  });

  it('calls nothing revoked that does not count here', async () => {
    const seen: string[] = [];
    for (const oddity of ODDITIES)
      for (const target of TARGETS) {
        const file = join(folder, 'key.gpg');
        await writeFile(
          file,
          certificateWith(cast, { [target]: oddRevocation(oddity, target, cast, false) }),
        );
        const listing = await home.gpg(['--with-colons', '--show-keys', file]).catch(() => Buffer.alloc(0));
        const record = { 'primary key': 'pub', subkey: 'sub', 'user ID': 'uid' }[target];
        if (new RegExp(`^${record}:r:`, 'm').test(listing.toString())) seen.push(`${oddity.name}: ${target}`);
      }
    // That it knows some, at least: each of them counts above.
    expect(seen).toEqual(expect.arrayContaining(TARGETS.map((target) => `nothing odd: ${target}`)));
    expect(seen).toEqual(expect.arrayContaining(TARGETS.map((target) => `version 3: ${target}`)));
  });

  it.each(rows([BEHIND_OTHER, BEHIND_USER_ID, BEHIND_PHOTO]))(
    'puts one of a %s back that stands %s',
    async (target, _, place) => {
      const [oddity = expect.fail('no revocation')] = ODDITIES;
      const [bytes = expect.fail('no certificate')] = place(
        oddRevocation(oddity, target, cast, false),
        target,
      );
      const file = join(folder, 'misplaced.gpg');
      await writeFile(file, bytes);
      const own = await GnupgHome.create();
      await own.import(file);
      const [key] = await own.list();
      await own.remove();
      if (target === 'primary key') expect(key?.isRevoked).toBe(true);
      else if (target === 'subkey') expect(key?.signingSubkeys).toMatchObject([{ isRevoked: true }]);
      else expect(key?.userIds).toEqual([]);
    },
  );
});

/** Places where a forged one is tried: in a certificate, and alone. */
const FORGED = ['in the certificate', 'alone in a file', BEHIND_OTHER, BEHIND_USER_ID, BEHIND_PHOTO];

function rows(names: readonly string[]): [Target, string, (typeof PLACES)[string]][] {
  return TARGETS.flatMap((target) =>
    Object.entries({ ...PLACES, ...ALONE })
      .filter(([name]) => names.includes(name))
      .map(([name, place]): [Target, string, typeof place] => [target, name, place]),
  );
}

function cannotBeRead({ name }: Oddity): boolean {
  return name === 'a version that nobody knows' || name === 'an unsigned area that is longer than the packet';
}

function armored(bytes: Uint8Array): Uint8Array {
  return Buffer.from(encodeArmor('PGP PUBLIC KEY BLOCK', bytes));
}
