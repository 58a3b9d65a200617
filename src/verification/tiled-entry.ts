import type { LogKey } from '../tlog/log-key.ts';
import type { LoggedEntry } from '../tlog/logged-entry.ts';
import { consistency, type Past } from './consistency.ts';
import { reportOn, type Proven, type Refuted } from './evidence-report.ts';
import { judgeCheckpoint, judgeInclusion } from './log-checks.ts';
import { check, makeChecks, optional } from './make-checks.ts';

/** An entry as the tiles of a log show it, and what it is judged by. Nobody promised it, and nobody dated it. */
export interface TiledEvidence extends Pick<LoggedEntry, 'body' | 'proof'> {
  /** A trusted key of the log. */
  readonly key: LogKey;
  /** Of its tree. */
  readonly past: Past;
}

/** An entry that was read from tiles: what `monitor` asks for. */
const TILED_ENTRY = {
  name: 'tiled-entry',
  checks: {
    checkpoint: check([], ({ proof, key }: TiledEvidence) => judgeCheckpoint(proof, key)),
    'inclusion-proof': check(['checkpoint'], ({ body, proof }: TiledEvidence) => judgeInclusion(body, proof)),
    // There may be nothing to compare the checkpoint with.
    consistency: optional(consistency),
  },
} as const;

/** What an entry that was read from tiles came to. */
export type TiledReport = Proven<'tiled-entry'> | Refuted<'tiled-entry'>;

/** Judges an entry that was read from tiles. */
export async function judgeTiled(evidence: TiledEvidence): Promise<TiledReport> {
  const { checks } = await makeChecks(TILED_ENTRY.checks, evidence);
  return reportOn(TILED_ENTRY, checks);
}
