import { describe, expect, it } from 'vitest';
import { formatTime } from '../../src/encoding.ts';
import { CHART_SIGNED, DAY } from '../support/signer.ts';
import { HostileWorld, LOGGED, NOW } from '../support/world/hostile-world.ts';
import { chartAnswer } from './verdicts.ts';

/** Somebody whose copy of the key says that it was retired then. */
async function retired(at: number) {
  const world = await HostileWorld.open();
  const { uuid } = world.logChart();
  await world.changeKeyring({ revocations: [{ at, reason: 3 }] });
  return { uuid, answer: chartAnswer(await world.run('verify')) };
}

describe('of a key that was retired', () => {
  it.each([CHART_SIGNED - DAY, LOGGED - 1, LOGGED])(
    'before the entry was logged (%i) it is not said that it was later, and the entry is named once',
    async (at) => {
      const { answer } = await retired(at);
      expect(answer).toMatchObject({
        status: 10,
        outcomes: { 'signer-key': 'failed' },
        warnings: [],
        others: [],
      });
    },
  );

  it.each([LOGGED + 1, LOGGED + DAY])('after the entry was logged (%i) it is said', async (at) => {
    const { answer } = await retired(at);
    expect(answer).toMatchObject({
      status: 0,
      warnings: [
        expect.stringContaining(
          `the key was revoked at ${formatTime(at)}, after the entry was logged: `,
        ) as string,
      ],
    });
  });

  it('as of a day to come it is not said that it was', async () => {
    const { answer } = await retired(NOW + DAY);
    expect(answer.warnings?.join()).toContain('which is still to come');
    expect(answer.warnings?.join()).not.toContain('was revoked');
  });
});

describe('others', () => {
  it('are at most ten by name, and the rest is counted, in JSON as well', async () => {
    const world = await HostileWorld.open();
    for (let number = 0; number < 25; number++) {
      const signatureBytes = Buffer.concat([world.provenance.signatureBytes, Buffer.from(`${number}`)]);
      world.log.append(world.body({ signatureBytes }), { integratedTime: LOGGED });
    }
    const ran = await world.run('verify');
    const { results } = JSON.parse(ran.stdout) as {
      results: { others: unknown[]; othersNotShown: number }[];
    };
    expect(results[0]?.others).toHaveLength(10);
    expect(results[0]?.othersNotShown).toBe(15);
    expect(ran.stderr).toContain('(25 other entries name this archive)');
  });
});
