import { basename, join } from 'node:path';
import { printerIn } from '../cli/printer.ts';
import type { Answer } from '../cli/answer.ts';
import { InputError, UsageError } from '../errors.ts';
import { runProgram } from '../files/child-program.ts';
import { requireHelm, type UsersHelm } from '../files/users-helm.ts';
import type { SteadyDirectory } from '../files/steady-directory.ts';
import { acceptChart, type Acceptance } from '../proving/accept-chart.ts';
import type { AcceptedChart } from '../proving/accepted-chart.ts';
import type { RunContext } from '../run/context.ts';
import { HandedDirectories } from '../run/handed-directories.ts';
import { asksHelp, copyNameOf, helmCall, wordsForHelm, type HelmCall } from './helm-call.ts';
import { parseHelmHelp, type HelmFlags } from './helm-flags.ts';
import { SHOWN_PARTS, type HelmVerb } from './helm-verb.ts';
import { divideHelmWords } from './helm-words.ts';
import { placePulled, requireDestination } from './pulled-files.ts';
import { orExplained, passOn, requireTime } from './run-helm.ts';
import { sourceOf, type WrapperSettings } from './source-settings.ts';
import { requireRemote, unpackedChart } from './unpacked-chart.ts';

/**
 * Does what a verb of Helm does, with charts that were verified: proves the chart among the words, decides about it as `verify`
 * does, and calls Helm with a copy of exactly what was judged in place of the reference. Of `pull`, puts the files where Helm
 * would. A chart that is refused, or words that cannot be understood with certainty, keep Helm from being called.
 * @throws UsageError on such words, or what a policy does not allow
 * @throws InputError if Helm cannot be run
 * @throws UsageError or InputError as `acceptChart` does
 */
export async function wrapHelm(
  verb: HelmVerb,
  words: readonly string[],
  settings: WrapperSettings,
  context: RunContext,
): Promise<Answer> {
  const helm = helmOf(context);
  const [named, rest] = namedVerb(verb, words);
  if (rest === undefined) return await passOn(helm, named, context);
  const divided = divideHelmWords(rest, await flagsOf(helm, named, context));
  if (asksHelp(divided)) return await passOn(helm, [...named, '--help'], context);
  const call = helmCall(named, divided);
  const mayUpdate = context.policy?.policy.dependencyUpdate === 'allow';
  if (call.updatesDependencies && !mayUpdate)
    throw new UsageError(
      '--dependency-update is refused: Helm would fetch charts that nobody verified',
      'a policy with "dependencyUpdate: allow" lets it pass; helm sigstore dependency build verifies them',
    );
  const copies = new HandedDirectories(context.env);
  try {
    return verb === 'pull'
      ? await pull(call, settings, context, copies)
      : await callHelm(helm, call, settings, context, copies);
  } finally {
    await copies.remove();
  }
}

/** @throws UsageError where none called this program, or Helm may have taken a word from the command line unnoticed */
function helmOf({ env, platform }: RunContext): UsersHelm {
  const helm = requireHelm({ env, platform }, 'to call');
  if (!/^(?:|0|f|false)$/i.test(env['HELM_KUBEINSECURE_SKIP_TLS_VERIFY'] ?? ''))
    throw new UsageError(
      'with --kube-insecure-skip-tls-verify, or HELM_KUBEINSECURE_SKIP_TLS_VERIFY, nothing is done: Helm may take the word behind it from the command line',
      'name the certificate authority of the cluster in the kubeconfig',
    );
  return helm;
}

/** The verb, and the words behind it; no words: Helm answers by itself, with its help. */
function namedVerb(
  verb: HelmVerb,
  words: readonly string[],
): readonly [named: readonly string[], rest?: readonly string[]] {
  if (verb !== 'show') return [[verb], words];
  const [part, ...rest] = words;
  if (part !== undefined && SHOWN_PARTS.includes(part)) return [[verb, part], rest];
  if (part === undefined) return [[verb]];
  if (rest.length === 0 && ['--help', '-h'].includes(part)) return [[verb, '--help']];
  throw new UsageError(
    `expected show to be followed by one of ${SHOWN_PARTS.join(', ')}, found ${JSON.stringify(part)}`,
    'options for Helm stand behind that word',
  );
}

/** The longest help, in bytes; real ones have ten kilobytes. */
const HELP_LIMIT = 1 << 20;

async function flagsOf(
  helm: UsersHelm,
  verb: readonly string[],
  { interrupted }: RunContext,
): Promise<HelmFlags> {
  const argv = [...verb, '--help'];
  const { status, printed } = await orExplained(helm, () =>
    runProgram({ ...helm, argv }, HELP_LIMIT, interrupted),
  );
  requireTime(interrupted);
  const flags = parseHelmHelp(printed);
  if (status === 0 && flags.long.has('help') && Buffer.byteLength(printed) < HELP_LIMIT) return flags;
  throw new InputError(
    `${helm.program} ${argv.join(' ')}: expected the help of Helm, found something else (exit status ${status ?? 'of a signal'})`,
    'HELM_BIN has to name a Helm',
  );
}

async function callHelm(
  helm: UsersHelm,
  call: HelmCall,
  settings: WrapperSettings,
  context: RunContext,
  copies: HandedDirectories,
): Promise<Answer> {
  const [reference = ''] = call.charts;
  const unpacked = await unpackedChart(reference, call, context);
  if (unpacked !== undefined)
    return await passOn(helm, wordsForHelm(call, call.besideDirectory, unpacked), context);
  const { accepted, refusal, directory } = await accept(reference, call, settings, context, copies);
  if (accepted === undefined) return refusal;
  const copy = join(directory.handedPath, basename(accepted.archive));
  return await passOn(helm, wordsForHelm(call, call.besideArchive, copy), context, directory.descriptor);
}

/** Like Helm, one after the other, up to the first that is not good. */
async function pull(
  call: HelmCall,
  settings: WrapperSettings,
  context: RunContext,
  copies: HandedDirectories,
): Promise<Answer> {
  const { destination, charts } = call;
  await requireDestination(destination);
  for (const reference of charts) {
    await requireRemote(reference, call);
    const { accepted, refusal } = await accept(reference, call, settings, context, copies);
    if (accepted === undefined) return refusal;
    await placePulled(accepted, destination);
  }
  return { status: 0, text: [], document: {} };
}

type Decided =
  | { readonly accepted: AcceptedChart; readonly directory: SteadyDirectory; readonly refusal?: undefined }
  | { readonly accepted?: undefined; readonly directory?: undefined; readonly refusal: Answer };

async function accept(
  reference: string,
  { source }: HelmCall,
  settings: WrapperSettings,
  context: RunContext,
  copies: HandedDirectories,
): Promise<Decided> {
  const directory = await copies.directory();
  const acceptance = await acceptChart(
    {
      reference,
      source: sourceOf(reference, source, settings, context),
      login: source.loginFor(reference),
      directory: directory.path,
      copyName: copyNameOf(reference),
    },
    settings,
    context,
  );
  const { accepted, answer } = acceptance;
  if (accepted === undefined || settings.has('verbose')) await tell(acceptance, context);
  if (accepted !== undefined) return { accepted, directory };
  if (answer.status === 0) throw new Error(`${reference} was neither accepted nor refused`);
  return { refusal: { ...answer, text: [], document: {} } };
}

/** What `verify` shows, on stderr: stdout is Helm's. */
async function tell({ shown }: Acceptance, { stderr }: RunContext): Promise<void> {
  const printer = printerIn('text', {}, { stdout: stderr, stderr });
  for (const result of shown) await printer.show(result);
}
