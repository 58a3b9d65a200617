import { writeFile } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { SigstoreError, type Diagnosis, type ErrorCode } from '../errors.ts';
import { readRegular } from '../files/regular-file.ts';

/**
 * The variable by which this program, when it lets Helm pull a chart, tells its own downloader where to note why it gives that
 * chart to nobody: of what a downloader says, Helm passes on neither the exit status nor the words unchanged.
 */
export const REFUSAL_FILE = 'HELM_SIGSTORE_REFUSAL_FILE';

/** What the downloader did not give Helm, and why. */
export interface GateRefusal {
  /** The URL that Helm asked for. */
  readonly href: string;
  readonly diagnosis: Diagnosis;
}

/** Notes a refusal for the program that asked for it, if one did; only the first one, and never over a file. */
export async function noteRefusal(
  refusal: GateRefusal,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const path = env[REFUSAL_FILE];
  if (!path || !isAbsolute(path)) return;
  // Without it the refusal stands as well: Helm gets nothing.
  await writeFile(path, JSON.stringify(refusal), { flag: 'wx', mode: 0o600 }).catch(() => undefined);
}

/** The refusal that the downloader noted; undefined: it noted none. */
export async function readRefusal(path: string): Promise<GateRefusal | undefined> {
  const bytes = await readRegular(path, NOTE_LIMIT).catch(() => undefined);
  return bytes && (JSON.parse(Buffer.from(bytes).toString('utf8')) as GateRefusal);
}

const NOTE_LIMIT = 1 << 20;

/** Helm was not given the chart by our downloader, which says why. */
export class GateRefusedError extends SigstoreError {
  override readonly name = 'GateRefusedError';

  constructor(
    label: string,
    readonly refusal: GateRefusal,
  ) {
    const { code, message, hint } = refusal.diagnosis;
    super(passedOn(code), `${label} does not come through the gate: ${message}`, hint);
  }
}

/** What stood in the way there is no defect, and no usage error, of this run. */
function passedOn(code: ErrorCode): ErrorCode {
  return code === 'INTERNAL' || code === 'OUTPUT' || code === 'USAGE' ? 'UNCHECKED' : code;
}
