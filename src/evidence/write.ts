import { lstat } from 'node:fs/promises';
import { InputError, messageOf } from '../errors.ts';
import { hasCode } from '../files/error-code.ts';
import { kindOf } from '../files/regular-file.ts';
import { replaceFile } from '../files/replace-file.ts';
import type { Evidence } from './evidence.ts';
import { formatEvidence } from './format.ts';
import { readEvidence } from './read.ts';

/** What is where evidence is to be written: nothing, evidence, or something that is not to be overwritten. */
export type Present =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'evidence'; readonly evidence: Evidence }
  | { readonly kind: 'other'; readonly problem: InputError };

/** What became of the evidence of a chart. */
export type KeptEvidence =
  | { readonly outcome: 'written' | 'unchanged'; readonly path: string }
  | { readonly outcome: 'not-written'; readonly path: string; readonly problem: InputError };

/** Looks at what is at this path; a link is not followed, and a pipe is not waited for. */
export async function lookAt(path: string): Promise<Present> {
  try {
    const stats = await lstat(path).catch(unlessMissing);
    if (stats === undefined) return { kind: 'nothing' };
    if (!stats.isFile()) return other(path, stats.isSymbolicLink() ? 'a symbolic link' : kindOf(stats));
    const evidence = await readEvidence(path);
    return evidence === undefined ? { kind: 'nothing' } : { kind: 'evidence', evidence };
  } catch (error) {
    if (error instanceof InputError) return { kind: 'other', problem: error };
    return { kind: 'other', problem: new InputError(`cannot read ${path}: ${messageOf(error)}`) };
  }
}

/**
 * Puts evidence in the place of what `lookAt` found, in one step: whoever reads it meanwhile, or after a crash, finds
 * all of the one or all of the other. It is for everybody, as the chart is.
 * @throws MalformedError as `formatEvidence` does
 * @throws the error of the file system
 */
export async function writeEvidence(path: string, evidence: Evidence): Promise<void> {
  await replaceFile(path, formatEvidence(evidence), { mode: 0o644 });
}

function unlessMissing(error: unknown): undefined {
  if (!hasCode(error, 'ENOENT')) throw error;
}

function other(path: string, what: string): Present {
  return {
    kind: 'other',
    problem: new InputError(`${path} is ${what}, and no evidence file`, ANOTHER_PLACE),
  };
}

const ANOTHER_PLACE = 'name another place with --evidence, or move it away';
