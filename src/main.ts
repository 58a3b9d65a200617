import type { Answer } from './cli/command.ts';
import { keepCompiledCode } from './cli/compiled-code.ts';
import { processContext, type Context } from './cli/context.ts';
import { diagnose, statusOf, writeDiagnosis } from './cli/diagnose.ts';
import type { ExitStatus } from './cli/exit-status.ts';
import { printerIn, type OutputForm } from './cli/printer.ts';
import { parseCommandLine } from './cli/program.ts';

export { keepCompiledCode, processContext };

/** Runs one command line to its end and returns the exit status. Never throws: this is the one catch. */
export async function run(argv: readonly string[], context: Context): Promise<ExitStatus> {
  const form = outputForm(argv);
  let printer = printerIn(form, {}, context);
  let answer: Answer;
  try {
    const invocation = await parseCommandLine(argv, context);
    printer = printerIn(form, invocation, context);
    answer = await invocation.run(printer.show);
  } catch (thrown) {
    answer = failure(thrown, context);
  }
  printer.end(answer);
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

/** The form that is asked for, also where the command line is not understood. */
function outputForm(argv: readonly string[]): OutputForm {
  const words = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
  const last = words.findLastIndex((word) => word === '--output' || word.startsWith('--output='));
  const value = words[last] === '--output' ? words[last + 1] : words[last]?.slice('--output='.length);
  return value === 'json' || value === 'jsonl' ? value : 'text';
}
