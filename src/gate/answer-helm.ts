import { resolve } from 'node:path';
import type { ChartFiles } from '../chart/chart-files.ts';
import { fetchIndex } from '../chart/fetch/fetched-index.ts';
import { noteRefusal } from '../chart/fetch/gate-refusal.ts';
import type { Answer } from '../cli/answer.ts';
import { diagnose } from '../cli/diagnose.ts';
import type { Output } from '../cli/output.ts';
import { encodeUtf8 } from '../encoding.ts';
import { SigstoreError, type Diagnosis } from '../errors.ts';
import { readChunks } from '../files/chunks.ts';
import { acceptFiles, type AcceptingSettings } from '../proving/accept-chart.ts';
import { listTags } from '../registry/tags.ts';
import type { RunContext } from '../run/context.ts';
import { readRepositories } from '../run/repositories.ts';
import { requirePolicy } from '../run/require-policy.ts';
import { HandedDirectories } from '../run/handed-directories.ts';
import { explainingCommand } from './explaining.ts';
import { gateIndex, indexOfTags, type GatedIndex } from './gated-index.ts';
import { gatedChart } from './gated-chart.ts';
import { withGate, type GateRun } from './gate-run.ts';
import { type HandedOver } from './handed-over.ts';

/**
 * Answers what Helm asks its downloader for: with an index, with an archive, or with the provenance of one. Of a chart not a byte
 * is written before the policy has accepted it, whichever of its files is asked for.
 * @throws UsageError on a URL that the gate does not answer
 * @throws SigstoreError if what is asked for cannot be fetched
 */
export async function answerHelm(
  href: string,
  handed: HandedOver,
  settings: AcceptingSettings,
  context: RunContext,
  maxArchive?: number,
): Promise<Answer> {
  const note = async (diagnosis: Diagnosis) => {
    await noteRefusal({ href, diagnosis }, context.env);
  };
  try {
    const work = (run: GateRun) => answer(run, settings, context);
    const answered = await withGate(href, handed, context, work, maxArchive);
    const [diagnosis] = answered.diagnoses ?? [];
    if (diagnosis !== undefined) await note(diagnosis);
    return answered;
  } catch (error) {
    await note(diagnose(error));
    throw error;
  }
}

async function answer(run: GateRun, settings: AcceptingSettings, context: RunContext): Promise<Answer> {
  const { address, fetching } = run;
  if (address.kind === 'index') {
    const { repository } = address;
    return await writeIndex(await gateIndex(await fetchIndex(fetching, repository), repository), context);
  }
  if (address.kind === 'tags') {
    const repository = await fetching.repository({ form: 'oci', ...address.repository }, fetching.deadline());
    return await writeIndex(indexOfTags(address.repository, await listTags(repository)), context);
  }
  const copies = new HandedDirectories(context.env);
  try {
    const { path } = requirePolicy(context);
    const explaining = explainingCommand(address, await readRepositories(context), resolve(path));
    const { path: directory } = await copies.directory();
    return await hand(
      gatedChart(address, fetching),
      address.file,
      { directory, explaining },
      settings,
      context,
    );
  } finally {
    await copies.remove();
  }
}

/** Writes a file of a chart that is accepted: what was judged, from a copy that nobody else can exchange. */
async function hand(
  chart: ChartFiles,
  file: 'archive' | 'provenance',
  showing: { readonly directory: string; readonly explaining: string },
  settings: AcceptingSettings,
  context: RunContext,
): Promise<Answer> {
  const copy = { ...showing, copyName: 'accepted.tgz' };
  const { accepted, shown, answer } = await acceptFiles([chart], copy, settings, context);
  if (accepted === undefined) {
    const diagnoses = [...shown.flatMap(({ diagnosis = [] }) => diagnosis), ...(answer.diagnoses ?? [])];
    if (answer.status === 0) throw new Error(`${chart.label} was neither accepted nor refused`);
    return { ...DONE, status: answer.status, diagnoses };
  }
  if (file === 'archive') await writeFile(accepted.archive, context.stdout);
  else if (accepted.provenance !== undefined) await context.stdout.writeBytes(accepted.provenance);
  else throw new SigstoreError('NOT_FOUND', `${chart.label} has no provenance, and the policy asks for none`);
  return DONE;
}

const DONE: Answer = { status: 0, text: [], document: {} };

async function writeIndex(
  { text, leftOut }: GatedIndex,
  { stdout, stderr }: Pick<RunContext, 'stdout' | 'stderr'>,
): Promise<Answer> {
  if (leftOut.length > 0) {
    const which = leftOut.length === 1 ? 'a version' : `${leftOut.length} versions`;
    stderr.warn(`${which} of the index cannot come through the gate: ${leftOut.slice(0, 3).join('; ')}`);
  }
  await stdout.writeBytes(encodeUtf8(text));
  return DONE;
}

async function writeFile(path: string, stdout: Output): Promise<void> {
  for await (const chunk of readChunks(path, CHUNK)) await stdout.writeBytes(chunk);
}

/** Bytes that are read at a time. */
const CHUNK = 1 << 18;
