import type { ExitStatus } from '../../src/cli/exit-status.ts';
import type { ErrorCode } from '../../src/errors.ts';
import type { CheckId } from '../../src/verification/checks.ts';
import type { EntryAnswer } from '../../src/embedded-log/log/entry-answer.ts';
import type { Leaf } from '../support/hostile-log.ts';
import type { Statement } from '../support/statement.ts';
import type { HostileWorld, Publication } from '../support/world/hostile-world.ts';

/** One way in which a chart, its entry and the log's answers may be. */
export interface Row extends Publication {
  /** A few words. */
  readonly name: string;
  /** One sentence about what is done, and to what end. */
  readonly story: string;
  /** Logs what is to be logged, and tells the log how to lie. */
  readonly stage: (world: HostileWorld) => unknown;
}

/** A forgery, and what must catch it. */
export interface Forgery extends Row {
  /** The first check that fails; or the error that ends the run without a verdict. */
  readonly caughtBy: CheckId | ErrorCode;
  readonly status: ExitStatus;
  /** What comes of checks that do not depend on that one and do not pass either. */
  readonly also?: Readonly<Partial<Record<CheckId, string>>>;
}

/** An honest entry in an unusual form; it must be accepted. */
export interface Variation extends Row {
  /** As for any row; returns the leaf that must be the one that counts. */
  readonly stage: (world: HostileWorld) => Leaf | Promise<Leaf>;
}

/** Stages the chart's honest entry, of which something else is said before it is signed. */
export function saying(
  change: (said: Statement, world: HostileWorld) => Partial<Statement>,
): Variation['stage'] {
  return (world) => {
    world.log.beforeSigning = (said) => ({ ...said, ...change(said, world) });
    return world.logChart();
  };
}

/** Stages the chart's honest entry, of which something is changed after it was signed. */
export function altering(change: (answer: EntryAnswer, world: HostileWorld) => unknown): Variation['stage'] {
  return (world) => {
    world.log.afterSigning = (answer) => change(answer, world);
    return world.logChart();
  };
}

/** The answer with another `verification.inclusionProof`, or parts of it. */
export function withProof(
  answer: EntryAnswer,
  proof: Partial<EntryAnswer['verification']['inclusionProof']>,
): EntryAnswer {
  const { verification } = answer;
  const inclusionProof = { ...verification.inclusionProof, ...proof };
  return { ...answer, verification: { ...verification, inclusionProof } };
}

/** The answer with another signed entry timestamp. */
export function withPromise(answer: EntryAnswer, signature: Uint8Array): EntryAnswer {
  const signedEntryTimestamp = Buffer.from(signature).toString('base64');
  return { ...answer, verification: { ...answer.verification, signedEntryTimestamp } };
}
