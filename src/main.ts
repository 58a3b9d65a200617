import type { Answer } from './cli/command.ts';
import { processContext, type Context } from './cli/context.ts';
import { diagnose, statusOf, writeDiagnosis } from './cli/diagnose.ts';
import type { ExitStatus } from './cli/exit-status.ts';
import { parseCommandLine, type Invocation } from './cli/program.ts';

export { processContext };

/** Runs one command line to its end and returns the exit status. Never throws: this is the one catch. */
export async function run(argv: readonly string[], context: Context): Promise<ExitStatus> {
  let invocation: Invocation | undefined;
  let answer: Answer;
  try {
    invocation = await parseCommandLine(argv, context);
    answer = await invocation.run();
  } catch (thrown) {
    answer = failure(thrown, context);
  }
  if (wantsJson(argv)) context.stdout.write(`${JSON.stringify(document(invocation, answer), null, 2)}\n`);
  else if (answer.text !== '') context.stdout.write(answer.text);
  for (const diagnosis of answer.diagnoses ?? []) writeDiagnosis(diagnosis, context.stderr);
  await answer.afterwards?.().catch((thrown: unknown) => {
    writeDiagnosis(diagnose(thrown, isDebugging(context)), context.stderr);
  });
  return answer.status;
}

function failure(thrown: unknown, context: Context): Answer {
  const diagnosis = diagnose(thrown, isDebugging(context));
  return { status: statusOf(diagnosis), text: '', document: {}, diagnoses: [diagnosis] };
}

function isDebugging({ env }: Context): boolean {
  return env['HELM_DEBUG'] === 'true';
}

/** One document a run, also when it failed, and also when the command line itself is wrong. */
function document(
  { command, insecure = [] }: Pick<Invocation, 'command' | 'insecure'> = {},
  { status, document, diagnoses = [] }: Answer,
): object {
  const errors = diagnoses.map(({ code, message, hint }) => ({ code, message, ...(hint && { hint }) }));
  return {
    schema: 'helm-sigstore/1',
    status,
    ...(command !== undefined && { command }),
    ...(insecure.length > 0 && { insecure }),
    ...document,
    ...(errors.length > 0 && { errors }),
  };
}

function wantsJson(argv: readonly string[]): boolean {
  const words = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
  const last = words.findLastIndex((word) => word === '--output' || word.startsWith('--output='));
  return words[last] === '--output=json' || (words[last] === '--output' && words[last + 1] === 'json');
}
