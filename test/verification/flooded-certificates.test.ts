import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { packetTag, readPackets, writePacket, type Packet } from '../../src/openpgp/packets.ts';
import { signatureType } from '../../src/openpgp/signature-packet.ts';
import { runProgram } from '../support/program.ts';
import { sampled } from '../support/thorough.ts';
import { LOGGED, HostileWorld } from '../support/world/hostile-world.ts';
import { chartAnswer } from './verdicts.ts';

// Whoever passes a key on can add to it. In a file of the user it is a malformed file: nobody judged the chart. In an
// entry of the log, which anybody can write, it costs that entry alone.

interface Flood {
  readonly name: string;
  /** The packets of a key with user ID and self-signature, flooded. */
  readonly flooded: (own: readonly [Packet, Packet, Packet]) => readonly Packet[];
  /** The status when the only entry of the chart holds it. */
  readonly inTheLog: number;
}

const FLOODS: readonly Flood[] = [
  {
    name: '1001 forged self-signatures',
    flooded: (own) => [...own, ...forgedLike(own[2], 1001)],
    // What is not a revocation is not taken from there.
    inTheLog: 0,
  },
  {
    name: '1001 forged key revocations',
    flooded: ([key, ...rest]) => [key, ...forgedLike(rest[1], 1001, signatureType.keyRevocation), ...rest],
    inTheLog: 10,
  },
  {
    name: '1001 user IDs',
    flooded: (own) => [...own, ...userIds(1001)],
    // An entry that cannot be read is nobody's.
    inTheLog: 4,
  },
  {
    name: 'three user IDs of 400 KB',
    flooded: (own) => [...own, ...userIds(3, 'x'.repeat(400_000))],
    inTheLog: 4,
  },
  {
    name: '1001 subkeys',
    flooded: (own) => [
      ...own,
      ...Array.from({ length: 1001 }, () => ({ tag: packetTag.publicSubkey, body: own[0].body })),
    ],
    inTheLog: 4,
  },
  {
    name: '60 forged revocations of any of 60 user IDs',
    flooded: ([key, ...rest]) => [
      ...[key, ...forgedLike(rest[1], 60, signatureType.certificationRevocation)],
      ...[...rest, ...userIds(60)],
    ],
    // Of the user's one user ID each is tried.
    inTheLog: 0,
  },
];

describe.each(sampled(FLOODS, 3))('a certificate with $name', ({ flooded, inTheLog }) => {
  const flood = ({ publisher }: HostileWorld): Uint8Array => {
    const [key, userId, selfSignature] = [...readPackets(publisher.certificate)];
    if (!key || !userId || !selfSignature) throw new Error('no certificate');
    return Buffer.concat(flooded([key, userId, selfSignature]).map(writePacket));
  };

  it('in the keyring is a file to be replaced, and no verdict', async () => {
    const scene = await HostileWorld.open();
    scene.logChart();
    await writeFile(scene.chart.keyring, flood(scene));
    expect(chartAnswer(await scene.run('verify'))).toMatchObject({ status: 3, code: 'INPUT' });
    expect(chartAnswer(await scene.run('upload'))).toMatchObject({ status: 3, code: 'INPUT' });
    scene.user.output = 'text';
    const { stderr } = await scene.run('verify');
    expect(stderr).toContain('\nHint: anybody who passes a key on can add to it: ');
  });

  it('is named by keys, with what is wrong with it', async () => {
    const scene = await HostileWorld.open();
    await writeFile(scene.chart.keyring, flood(scene));
    const { stdout, stderr } = await runProgram(['keys', '--keyring', scene.chart.keyring], {});
    expect(`${stdout}${stderr}`).toMatch(
      new RegExp(`key ${scene.publisher.fingerprint} .*anybody who passes a key on`, 's'),
    );
  });

  it('in an entry of the log does not hide a good one', async () => {
    const scene = await HostileWorld.open();
    const certificateBytes = flood(scene);
    const bad = scene.log.append(scene.body({ certificateBytes }), { integratedTime: LOGGED + 60 });
    const twice = Buffer.concat([scene.minimised(), scene.minimised()]);
    const good = scene.log.append(scene.body({ certificateBytes: twice }), { integratedTime: LOGGED });
    scene.log.indexed = [bad.uuid, good.uuid];
    expect(chartAnswer(await scene.run('verify'))).toMatchObject({ status: 0, entry: { uuid: good.uuid } });
  });

  it('in the only entry of the log proves nothing, unless nothing of it is needed', async () => {
    const scene = await HostileWorld.open();
    const certificateBytes = flood(scene);
    scene.log.append(scene.body({ certificateBytes }), { integratedTime: LOGGED });
    expect(chartAnswer(await scene.run('verify')).status).toBe(inTheLog);
  });
});

/** Signatures that are none, each another one, in the name of who made this one. */
function forgedLike({ tag, body }: Packet, count: number, type = body[1] ?? 0): Packet[] {
  return Array.from({ length: count }, (_, number) => {
    const forged = Buffer.from(body);
    forged.writeUInt8(type, 1);
    forged.writeUInt16BE(number, forged.length - 2);
    return { tag, body: forged };
  });
}

function userIds(count: number, more = ''): Packet[] {
  return Array.from({ length: count }, (_, number) => ({
    tag: packetTag.userId,
    body: Buffer.from(`user ${number} <user-${number}@flood.example>${more}`),
  }));
}
