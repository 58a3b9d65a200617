import type { Answer } from './cli/answer.ts';
import { diagnose, isDebugging, statusOf, writeDiagnosis } from './cli/diagnose.ts';
import { printerIn } from './cli/printer.ts';
import type { Audience, Diagnosis } from './errors.ts';
import { scanArgv } from './program/argv.ts';
import { parseCommandLine } from './program/command-line.ts';
import { keepCompiledCode } from './run/compiled-code.ts';
import { leave, processContext, type Context } from './run/context.ts';

export { keepCompiledCode, leave, processContext };

/** Runs one command line and returns its exit status. Never throws: the one `catch` of a run is here. */
export async function run(argv: readonly string[], context: Context): Promise<number> {
  const { stdout, stderr } = context;
  const scanned = scanArgv(argv);
  let printer = printerIn(scanned.form, {}, context);
  let answer: Answer;
  let audience: Audience | undefined;
  const leftOver: (() => Promise<void>)[] = [];
  const afterwards = (work: () => Promise<void>) => {
    leftOver.push(work);
  };
  try {
    const invocation = await parseCommandLine(scanned, { ...context, afterwards });
    ({ audience } = invocation);
    printer = printerIn(invocation.form, invocation, context);
    answer = await invocation.run(printer.show);
  } catch (thrown) {
    const diagnosis = diagnose(thrown, isDebugging(context), audience);
    answer = { status: statusOf(diagnosis), text: [], document: {}, diagnoses: [diagnosis] };
  }
  await printer.end(answer);
  const unwritten = diagnoseOutput(await stdout.failure());
  if (unwritten !== undefined) writeDiagnosis(unwritten, stderr);
  for (const work of leftOver)
    await work().catch((thrown: unknown) => {
      writeDiagnosis(diagnose(thrown, isDebugging(context)), stderr);
    });
  return unwritten === undefined ? (answer.passedOn ?? answer.status) : statusOf(unwritten);
}

function diagnoseOutput(reason: string | undefined): Diagnosis | undefined {
  return reason === undefined ? undefined : { code: 'OUTPUT', message: `cannot write the answer: ${reason}` };
}
