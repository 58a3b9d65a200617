import { encodeUtf8 } from '../../../src/encoding.ts';
import { readPackets, writePacket } from '../../../src/openpgp/packets.ts';
import { serializeCertificate } from '../../../src/openpgp/whole-certificate.ts';
import { armorOf } from '../../support/independent/armor.mjs';
import { CHART_SIGNED, DAY, KEY_CREATED } from '../../support/signer.ts';
import type { CertificateChanges, SignerOptions } from '../../support/signer.ts';
import { certificateIn } from '../../support/world/chart-entry.ts';
import { type HostileWorld, LOGGED, NOW, signerWith } from '../../support/world/hostile-world.ts';
import type { Variation } from '../row.ts';
import { bodyOf, content, rewritten } from './body.ts';

const TWO_NAMES = { userIds: ['Publisher <publisher@charts.example>', 'Publisher <old@charts.example>'] };
/** Life of a key in seconds that ends between the entry and the user. */
const UNTIL_LATER = LOGGED + DAY - KEY_CREATED;

/** Forms in which the entry of a chart may have been logged, by publishers and servers of all ages. */
const forms: readonly (readonly [
  name: string,
  story: string,
  body: (world: HostileWorld) => Uint8Array | Promise<Uint8Array>,
  publisher?: SignerOptions,
])[] = [
  ['as upload logs it', 'The certificate is minimised.', (world) => world.body(), TWO_NAMES],
  [
    'the whole certificate',
    'The certificate is whole, as the Go plugin sends it.',
    (world) => withKey(world, whole(world)),
    TWO_NAMES,
  ],
  [
    'a signing subkey',
    'A subkey signed, and the entry holds its binding.',
    (world) => world.body(),
    { subkey: {} },
  ],
  [
    'user IDs in another order',
    'The server wrote the user IDs in the other order, as it happens.',
    (world) => {
      const [primary, ...names] = packetsOf(whole(world));
      return withKey(world, primary, ...names.slice(2), ...names.slice(0, 2));
    },
    TWO_NAMES,
  ],
  [
    'several certificates',
    "Somebody else's certificate stands before the signer's.",
    async (world) => withKey(world, (await signerWith({}, 'stranger')).certificate, world.minimised()),
  ],
  [
    'members in another order',
    'The members of the body stand in the order of servers before 2022.',
    (world) => {
      const { apiVersion, kind, spec } = bodyOf(world);
      return encodeUtf8(JSON.stringify({ apiVersion, spec, kind }));
    },
  ],
  [
    'a member more',
    'The body has a member that entries no longer have.',
    rewritten((body) => Object.assign(body.spec, { extraData: 'e30=' })),
  ],
  ['white space', 'The body is indented.', (world) => encodeUtf8(JSON.stringify(bodyOf(world), null, 2))],
  [
    'a digest in capitals',
    'The digest is spelt in capitals.',
    rewritten(({ spec: { chart } }) => (chart.hash.value = chart.hash.value.toUpperCase())),
  ],
  [
    'armor with a header',
    'The signature keeps the version header that its program wrote, and has no checksum.',
    rewritten(({ spec }, { provenance }) => {
      const lines = armorOf('PGP SIGNATURE', provenance.signatureBytes).split('\n');
      const kept = lines.filter((line) => !line.startsWith('=')).toSpliced(1, 0, 'Version: GnuPG v2');
      spec.chart.provenance.signature.content = content(kept.join('\r\n'));
    }),
  ],
  [
    "a stranger's revocation",
    'The certificate in the entry carries a revocation by somebody whom it does not name.',
    async (world) => {
      const revocations = [{ at: NOW - DAY, reason: 2, by: await signerWith({}, 'stranger') }];
      return withKey(world, await world.publisher.certificateWith({ revocations }));
    },
  ],
];

/** Keys that were good when the log took the entry, whatever became of them. */
const keys: readonly Variation[] = [
  {
    name: 'expired since',
    story: 'The key expired the day after the entry was logged.',
    publisher: { expiresAfter: UNTIL_LATER },
    stage: (world) => world.logChart(),
  },
  {
    name: 'a subkey that expired since',
    story: 'The subkey that signed expired the day after the entry was logged.',
    publisher: { subkey: { expiresAfter: UNTIL_LATER } },
    stage: (world) => world.logChart(),
  },
  changed('retired since', 'The key was retired after the entry was logged.', {
    revocations: [{ at: LOGGED + 1, reason: 3 }],
  }),
  changed('superseded since', 'The key was superseded after the entry was logged.', {
    revocations: [{ at: LOGGED + 1, reason: 1 }],
  }),
  changed('renewed since', "The key's expiry was extended later, which replaced its self-signature.", {
    selfSignatures: [{ at: NOW - DAY, expiresAfter: NOW + DAY - KEY_CREATED }],
  }),
  {
    ...changed('renewed after it had expired', 'The key had expired when it was extended.', {
      selfSignatures: [{ at: NOW - DAY, expiresAfter: NOW + DAY - KEY_CREATED }],
    }),
    publisher: { expiresAfter: UNTIL_LATER },
  },
  {
    name: "a stranger's word in the keyring",
    story: "The user's copy carries a revocation by somebody whom the key does not name.",
    stage: async (world) => {
      const by = await signerWith({}, 'stranger');
      world.user.keyrings.push(await world.write('stranger.gpg', by.certificate));
      await world.changeKeyring({ revocations: [{ at: NOW - DAY, reason: 2, by }] });
      return world.logChart();
    },
  },
  {
    name: 'an armored keyring',
    story: 'The keyring is armored, and has other keys in it.',
    stage: async (world) => {
      const stranger = await signerWith({}, 'stranger');
      world.user.keyrings = [await world.write('keys.asc', stranger.armored + world.publisher.armored)];
      return world.logChart();
    },
  },
  {
    name: 'the signer that was asked for',
    story: 'The signer is the one that --fingerprint names, in capitals.',
    stage: (world) => {
      world.user.options = ['--fingerprint', world.publisher.fingerprint.toUpperCase()];
      return world.logChart();
    },
  },
  {
    name: 'an old key',
    story: 'The key is of the kind that most charts are signed with: RSA.',
    publisher: { algorithm: 'rsa2048' },
    stage: (world) => world.logChart(),
  },
];

/** Times that are unusual and in order. */
const times: readonly Variation[] = [
  at('logged at once', 'The entry was logged in the second of the signature.', CHART_SIGNED),
  at(
    'a slow clock of the log',
    "The log's clock was almost five minutes behind the publisher's.",
    CHART_SIGNED - 299,
  ),
  at('a slow clock of the user', "The user's clock is almost five minutes behind the log's.", NOW + 299),
];

export const honestEntries: readonly Variation[] = [
  ...forms.map(([name, story, body, publisher = {}]): Variation => ({
    name,
    story,
    publisher,
    stage: async (world) => world.log.append(await body(world), { integratedTime: LOGGED }),
  })),
  ...keys,
  ...times,
];

/** The entry was logged as it should be; the user has a later copy of the certificate. */
function changed(name: string, story: string, changes: CertificateChanges): Variation {
  return {
    name,
    story,
    stage: async (world) => {
      await world.changeKeyring(changes);
      return world.logChart();
    },
  };
}

function at(name: string, story: string, time: number): Variation {
  return { name, story, stage: (world) => world.logChart(time) };
}

function whole({ publisher }: HostileWorld): Uint8Array {
  return serializeCertificate(certificateIn(publisher.certificate));
}

function withKey(world: HostileWorld, ...certificates: readonly Uint8Array[]): Uint8Array {
  return world.body({ certificateBytes: Buffer.concat(certificates) });
}

function packetsOf(bytes: Uint8Array): [Uint8Array, ...Uint8Array[]] {
  const [first, ...others] = [...readPackets(bytes)].map(writePacket);
  if (first === undefined) throw new Error('no packet');
  return [first, ...others];
}
