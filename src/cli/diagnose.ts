import { hintFor, messageOf, SigstoreError, type Audience, type Diagnosis } from '../errors.ts';
import { EXIT_STATUS, type ExitStatus } from './exit-status.ts';
import type { Output } from './output.ts';

/** The diagnosis of anything that was thrown, with a hint for this reader. */
export function diagnose(thrown: unknown, debug = false, audience: Audience = 'consumer'): Diagnosis {
  if (thrown instanceof SigstoreError) {
    const { code, message } = thrown;
    const hint = hintFor(thrown.hint, audience);
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

/** Whether the user asked for stack traces: Helm's `--debug` sets the variable. */
export function isDebugging({
  env,
}: {
  readonly env: Readonly<Record<string, string | undefined>>;
}): boolean {
  return env['HELM_DEBUG'] === 'true';
}

/** The exit status of a run that ends with this. */
export function statusOf({ code }: Diagnosis): ExitStatus {
  return EXIT_STATUS[code];
}

/** Writes a diagnosis in the one form that all errors have: `Error: …`, then perhaps `Hint: …`. */
export function writeDiagnosis({ message, hint, stack }: Diagnosis, stderr: Output): void {
  stderr.print([
    `Error: ${message}`,
    ...(hint === undefined ? [] : [`Hint: ${hint}`]),
    ...(stack === undefined ? [] : stack.split('\n')),
  ]);
}
