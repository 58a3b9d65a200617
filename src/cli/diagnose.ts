import { messageOf, SigstoreError, type Diagnosis } from '../errors.ts';
import { printable } from '../render/printable.ts';
import type { Output } from './context.ts';
import { EXIT_STATUS, type ExitStatus } from './exit-status.ts';

/** The diagnosis of anything that was thrown. */
export function diagnose(thrown: unknown, debug = false): Diagnosis {
  if (thrown instanceof SigstoreError) {
    const { code, message, hint } = thrown;
    return hint === undefined ? { code, message } : { code, message, hint };
  }
  const stack = debug && thrown instanceof Error ? thrown.stack : undefined;
  return {
    code: 'INTERNAL',
    message: `this is a defect of helm sigstore: ${messageOf(thrown)}`,
    hint: 'please report it, with the output of the same command under HELM_DEBUG=true',
    ...(stack !== undefined && { stack }),
  };
}

export function statusOf({ code }: Diagnosis): ExitStatus {
  return EXIT_STATUS[code];
}

/** Writes a diagnosis in the one form that all errors have: `Error: …`, then perhaps `Hint: …`. */
export function writeDiagnosis({ message, hint, stack }: Diagnosis, stderr: Output): void {
  stderr.write(`Error: ${printable(message)}\n`);
  if (hint !== undefined) stderr.write(`Hint: ${printable(hint)}\n`);
  if (stack !== undefined) stderr.write(`${stack}\n`);
}
