import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encodeArmor } from '../../src/openpgp/armor.ts';
import { packetTag, readPackets, writePacket, type Packet } from '../../src/openpgp/packets.ts';
import { parseSignaturePacket, signatureType } from '../../src/openpgp/signature-packet.ts';
import { serveBefore } from '../support/front.ts';
import { KEY_CREATED, createSigner, type TestSigner } from '../support/signer.ts';
import { World } from '../support/world/world.ts';

const OWN = 'Jo Publisher <jo@charts.example>';
const PRIVATE = 'Jo at home <jo@home.example>';

let world: World;

beforeAll(async () => {
  world = await World.open();
});

afterAll(async () => {
  await world.close();
});

/** A keyring as people have them: secret keys, two user IDs, a photo, and what others say about all of it. */
async function fullKeyring(signer: TestSigner, neighbour: TestSigner): Promise<Uint8Array> {
  const packets: Packet[] = [];
  for (const packet of readPackets(signer.certificate)) {
    const { tag, body } = packet;
    if (tag === packetTag.publicKey) packets.push({ tag: packetTag.secretKey, body: secretBody(signer) });
    else packets.push(packet);
    if (tag !== packetTag.userId) continue;
    const over = { ...signer.signedKey(), userID: { write: () => body } };
    const kind = signatureType.positiveCertification;
    const [certification] = readPackets(await neighbour.certify(kind, over, KEY_CREATED + 60, {}));
    if (certification !== undefined) packets.push(certification);
  }
  packets.push({ tag: packetTag.userAttribute, body: Buffer.from('\x08\x01photo!!') });
  return Buffer.concat(packets.map(writePacket));
}

/** The secret key as a packet holds it, unprotected. */
function secretBody(signer: TestSigner): Uint8Array {
  return (signer.signedKey().key as { write(): Uint8Array }).write();
}

/** The packets of the certificate that an upload sent. */
async function publishedBy(signer: TestSigner, keyring: Uint8Array | string): Promise<Packet[]> {
  const front = await serveBefore(world.log);
  const { path } = await world.chart('published', signer);
  const options = [...world.trusting(front), '--keyring', await world.write('full.gpg', keyring)];
  expect(await world.run(['upload', path, ...options])).toMatchObject({ status: 0 });
  const sent = front.seen.find(({ url }) => url === '/api/v1/log/entries')?.body ?? '';
  const { spec } = JSON.parse(sent) as { spec: { publicKey: { content: string } } };
  const armored = Buffer.from(spec.publicKey.content, 'base64').toString();
  expect(armored).toMatch(/^-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n/);
  const base64 = armored.split('\n').filter((line) => /^[A-Za-z0-9+/]/.test(line));
  return [...readPackets(Buffer.from(base64.join(''), 'base64'))];
}

describe('of a keyring with everything in it, upload sends', () => {
  let signer: TestSigner;
  let packets: Packet[];
  let secret: Buffer;

  beforeEach(async () => {
    signer = await createSigner({ userIds: [OWN, PRIVATE] });
    const full = await fullKeyring(signer, await createSigner());
    packets = await publishedBy(signer, full);
    secret = Buffer.from(secretBody(signer));
  });

  const tags = () => packets.map(({ tag }) => tag);

  test('one public key, one user ID and one signature', () => {
    expect(tags()).toEqual([packetTag.publicKey, packetTag.userId, packetTag.signature]);
  });

  test('no byte of the secret key', () => {
    const publicLength = packets[0]?.body.length ?? 0;
    const sent = Buffer.concat(packets.map(({ body }) => body));
    // Behind the public part come the octets that say how it is protected, and then the secret.
    expect(secret.length).toBeGreaterThan(publicLength + 32);
    expect(sent.includes(secret.subarray(publicLength + 1, publicLength + 33))).toBe(false);
  });

  test('the signature of the signer, not that of a neighbour', () => {
    const signature = packets.find(({ tag }) => tag === packetTag.signature);
    expect(parseSignaturePacket(signature?.body ?? new Uint8Array()).issuerFingerprint).toBe(
      signer.fingerprint,
    );
  });
});

test('of a signing subkey, upload sends that subkey and its binding as well', async () => {
  const signer = await createSigner({ subkey: {} });
  const packets = await publishedBy(signer, `${encodeArmor('PGP PUBLIC KEY BLOCK', signer.certificate)}\n`);
  expect(packets.map(({ tag }) => tag)).toEqual([
    packetTag.publicKey,
    packetTag.userId,
    packetTag.signature,
    packetTag.publicSubkey,
    packetTag.signature,
  ]);
});
