import type { ChartFiles } from '../chart/chart-files.ts';
import { SigstoreError } from '../errors.ts';
import type { Keyring } from '../keyring/keyring.ts';
import type { RenderedChart } from '../render/chart-result.ts';
import type { KeyringOption, LogOption, SignerOption } from '../settings/option-groups.ts';
import type { Attaching } from './attach-uploaded.ts';

/** The options that decide how charts are uploaded. */
export type UploadOption =
  | LogOption
  | KeyringOption
  | SignerOption
  | 'rekorVersion'
  | 'signingConfig'
  | 'dryRun'
  | 'evidence'
  | 'noEvidence'
  | 'verbose';

/** What a command adds to an upload. */
export interface UploadAdditions {
  /** Takes what the log proved of charts in registries. */
  readonly attaching?: Attaching | undefined;
  /** Opens the keys whose signatures count; by default those that the settings name. */
  readonly openKeyring?: (() => Promise<Keyring>) | undefined;
  /** Done with each chart before it is uploaded; what it says stands before what the upload says. */
  readonly prepare?: ((chart: ChartFiles) => Promise<Pick<RenderedChart, 'text' | 'members'>>) | undefined;
}

/** An upload with what is done before it. */
export function prepared(
  upload: (chart: ChartFiles) => Promise<RenderedChart>,
  prepare: UploadAdditions['prepare'],
): (chart: ChartFiles) => Promise<RenderedChart> {
  if (prepare === undefined) return upload;
  return async (chart) => await uploadPrepared(await prepare(chart), () => upload(chart));
}

/** What was done before an upload is said, whatever becomes of that. */
async function uploadPrepared(
  prepared: Pick<RenderedChart, 'text' | 'members'>,
  upload: () => Promise<RenderedChart>,
): Promise<RenderedChart> {
  try {
    const { text, members, ...rest } = await upload();
    return { ...rest, text: [...prepared.text, ...text], members: { ...prepared.members, ...members } };
  } catch (error) {
    if (error instanceof SigstoreError) return { ...prepared, error };
    throw error;
  }
}
