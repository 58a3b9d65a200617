import { packetTag, readPackets, writePacket } from '../../../src/openpgp/packets.ts';
import { parseProvenance } from '../../../src/provenance/provenance.ts';
import { DAY, CHART_SIGNED } from '../../support/signer.ts';
import { type HostileWorld, LOGGED, signerWith } from '../../support/world/hostile-world.ts';
import type { Forgery } from '../row.ts';

/**
 * Helm entries of the log that do not belong to the provenance. Those that hold its signature are found by the
 * index, as true entries of the log; the others are answered where the chart was asked for.
 */
export const entryBindingForgeries: readonly Forgery[] = [
  found('another digest', 'the signature of this chart and the digest of another archive', () => ({
    sha256: '0'.repeat(64),
  })),
  found('another key', 'the digest and signature of this chart, and the key of somebody else', async () => ({
    certificateBytes: (await signerWith({}, 'stranger')).certificate,
  })),
  found("others' keys only", 'the keys of two others, and not that of the signer', async () => {
    const others = [await signerWith({}, 'stranger'), await signerWith({}, 'other')];
    return { certificateBytes: Buffer.concat(others.map(({ certificate }) => certificate)) };
  }),
  found('no key at all', 'a key block without a key', () => ({ certificateBytes: new Uint8Array() })),
  found(
    'a key that claims to be the signer',
    'a key of somebody else with the name of the signer',
    async () => ({
      certificateBytes: (await signerWith({ created: CHART_SIGNED - DAY }, 'namesake')).certificate,
    }),
  ),
  found('the same numbers, another key', "the signer's numbers under another creation time", (world) => ({
    certificateBytes: withAnotherBirthday(world.minimised()),
  })),
  {
    ...found('without the subkey', "the signer's primary key, without the subkey that signed", (world) => ({
      certificateBytes: Buffer.concat(packetsOf(world.minimised()).slice(0, 3).map(writePacket)),
    })),
    publisher: { subkey: {} },
  },
  {
    ...found(
      'an adopted subkey',
      "a stranger's key that has adopted the subkey that signed",
      async (world) => {
        const stranger = await signerWith({}, 'stranger');
        const subkey = packetsOf(world.minimised()).slice(3);
        return { certificateBytes: Buffer.concat([stranger.certificate, ...subkey.map(writePacket)]) };
      },
    ),
    publisher: { subkey: {} },
  },
  answered(
    'a later signature',
    'a signature of the same key over the same archive, made later',
    async (world) =>
      await world.publisher.sign('hello', '0.1.0', world.chart.archive, { at: CHART_SIGNED + 60 }),
  ),
  answered(
    'a signature under another text',
    'a signature of the same key under another chart',
    async (world) => await world.publisher.sign('goodbye', '0.1.0', world.chart.archive),
  ),
  {
    name: 'a second signature packet',
    story: 'The entry holds the signature of this chart and another one of the same key behind it.',
    caughtBy: 'entry-binding',
    status: 10,
    also: { 'entry-id': 'failed' },
    stage: async (world) => {
      const other = parseProvenance(await world.publisher.sign('goodbye', '0.1.0', '0'.repeat(64)));
      const signatureBytes = Buffer.concat([world.provenance.signatureBytes, other.signatureBytes]);
      world.logInstead(world.body({ signatureBytes }));
    },
  },
  {
    name: 'the entry of another under its UUID',
    story: 'The index names the entry, and under its UUID the log answers with one of a stranger.',
    caughtBy: 'entry-binding',
    status: 10,
    also: { 'entry-id': 'failed' },
    stage: (world) => {
      const { log } = world;
      const certificateBytes = Buffer.concat([world.minimised(), world.minimised()]);
      const leaf = log.append(world.body({ certificateBytes }), { integratedTime: LOGGED });
      const signatureBytes = Buffer.concat([world.provenance.signatureBytes, Buffer.of(0)]);
      const other = log.append(world.body({ signatureBytes }), { integratedTime: LOGGED, indexed: false });
      log.beforeSigning = (said, asked) =>
        asked === leaf.uuid ? { ...log.truth(other), uuid: said.uuid } : said;
    },
  },
];

type Parts = NonNullable<Parameters<HostileWorld['body']>[0]>;

/** An entry that really is in the log, and that its index finds. */
function found(name: string, what: string, parts: (world: HostileWorld) => Parts | Promise<Parts>): Forgery {
  return {
    name,
    story: `The index finds an entry that holds ${what}.`,
    caughtBy: 'entry-binding',
    status: 10,
    stage: async (world) => world.log.append(world.body(await parts(world)), { integratedTime: LOGGED }),
  };
}

/** The entry of another provenance, answered to whoever asks for the entry of this one. */
function answered(name: string, what: string, sign: (world: HostileWorld) => Promise<Uint8Array>): Forgery {
  return {
    name,
    story: `Asked for the chart, the log answers with an entry that holds ${what}.`,
    caughtBy: 'entry-binding',
    status: 10,
    // What was asked for is a hash of the true body.
    also: { 'entry-id': 'failed' },
    stage: async (world) => {
      const { signatureBytes } = parseProvenance(await sign(world));
      world.logInstead(world.body({ signatureBytes }));
    },
  };
}

function packetsOf(bytes: Uint8Array) {
  return [...readPackets(bytes)];
}

function withAnotherBirthday(certificate: Uint8Array): Uint8Array {
  const packets = packetsOf(certificate).map(({ tag, body }) => {
    const copy = Buffer.from(body);
    if (tag === packetTag.publicKey) copy.writeUInt32BE(copy.readUInt32BE(1) - DAY, 1);
    return writePacket({ tag, body: copy });
  });
  return Buffer.concat(packets);
}
