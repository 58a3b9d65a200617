import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { LocalChart } from '../../src/chart/local-chart.ts';
import type { Evidence } from '../../src/evidence/evidence.ts';
import { formatEvidence } from '../../src/evidence/format.ts';
import { parseEvidence } from '../../src/evidence/parse.ts';
import { openKeyring } from '../../src/keyring/keyring.ts';
import { openChart } from '../../src/proving/opened-chart.ts';
import { isLocallyGood } from '../../src/verification/chart-checks.ts';
import { judgeEntry, type GoodChart } from '../../src/verification/entry-report.ts';
import { flipBit } from '../support/bits.ts';
import { SIGNER_NAME } from '../support/statement.ts';
import { isThorough } from '../support/thorough.ts';
import { unlessMalformed } from '../support/malformed.ts';
import { NOW, HostileWorld } from '../support/world/hostile-world.ts';
import { keptEntry } from './kept.ts';

/** Every so many bits where there is no time for all. */
const STEP = isThorough ? 1 : 41;
/** Milliseconds: forty thousand files take ten seconds, and several times that on a machine that is busy. */
const LONG = 300_000;

const log = 'https://log.example';
/** An evidence file, and what the one in such bytes comes to for its chart; undefined where they are malformed. */
async function fileWithJudge() {
  const world = await HostileWorld.open();
  const leaf = world.logChart();
  world.log.fill(3);
  const chart = await goodChart(world);
  const source = { kind: 'public-key-file', detail: 'log.pem' } as const;
  const trusted = { url: log, keys: [world.log.keys.key], source };
  const past = { tree: { kind: 'first' }, sightings: [] } as const;
  const judge = async (bytes: Uint8Array) => {
    const evidence = unlessMalformed(() => parseEvidence(bytes));
    const [entry] = evidence?.entries ?? [];
    if (evidence === undefined || entry === undefined) return undefined;
    const asked = [world.predicted];
    const gathered = { entry, asked, answeredAt: undefined, source: 'kept' as const, past };
    return { evidence, report: await judgeEntry(gathered, chart, trusted, NOW) };
  };
  return { file: formatEvidence({ log, entries: [keptEntry(world.log, leaf)] }), judge };
}

async function goodChart({ chart, publisher }: HostileWorld): Promise<GoodChart> {
  const requirements = {
    signers: [],
    signedName: undefined,
    allowWeak: false,
    consistency: 'if-known',
  } as const;
  const keyring = openKeyring([{ place: 'keyring.gpg', bytes: publisher.certificate }]);
  const opened = await openChart(new LocalChart(chart.path), requirements, { keyring, context: {} });
  const { evidence, judgement } = await opened.judge(NOW);
  if (!isLocallyGood(judgement)) throw new Error('the chart is not good');
  return { evidence, judgement };
}

/** What of an evidence file means nothing to the judge, each with the evidence as it would be without it. */
const MEANINGLESS: Readonly<Record<string, (evidence: Evidence) => Evidence>> = {
  'the address of the log, a hint for people': (evidence) => ({ ...evidence, log }),
  'the name in the signature line of the checkpoint: which key it is, its hint says': (evidence) => ({
    ...evidence,
    entries: evidence.entries.map((entry) => ({
      ...entry,
      proof: {
        ...entry.proof,
        checkpoint: entry.proof.checkpoint.replace(/(?<=\n\u2014 )\S+(?= )/, SIGNER_NAME),
      },
    })),
  }),
};

test(
  'one bit that is another makes evidence malformed, or fails a check, or is one of those that mean nothing',
  async () => {
    const { file, judge } = await fileWithJudge();
    const good = await judge(file);
    expect(good?.report.kind).toBe('proven');
    let malformed = 0;
    const refuted = new Set<string>();
    const meaningless = new Set<string>();
    for (let bit = 0; bit < file.length * 8; bit += STEP) {
      const judged = await judge(flipBit(file, bit));
      if (judged === undefined) malformed++;
      else if (judged.report.kind === 'refuted') refuted.add(judged.report.failure.id);
      else meaningless.add(whyMeaningless(judged.evidence, good?.evidence) ?? `bit ${bit}`);
    }
    expect(Object.keys(MEANINGLESS)).toEqual(expect.arrayContaining([...meaningless]));
    expect(CATCHERS).toEqual(expect.arrayContaining([...refuted]));
    if (isThorough) expect([meaningless.size, refuted.size]).toEqual([2, CATCHERS.length]);
    expect(refuted).toContain('inclusion-promise');
    expect(malformed).toBeGreaterThan((file.length * 8) / STEP / 10);
  },
  LONG,
);

/** The checks that are the first to find such a bit, where it is not in the form of the file. */
const CATCHERS = [
  'entry-kind',
  'entry-binding',
  'entry-id',
  'log-key',
  'inclusion-promise',
  'checkpoint',
  'inclusion-proof',
];

/** Which part of the evidence that means nothing is the only one to differ. */
function whyMeaningless(evidence: Evidence, original: Evidence | undefined): string | undefined {
  return Object.keys(MEANINGLESS).find((name) => isDeepStrictEqual(MEANINGLESS[name]?.(evidence), original));
}
