import { writeFile } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { MalformedError, SigstoreError, type Diagnosis, type ErrorCode } from '../../errors.ts';
import { readRegular } from '../../files/regular-file.ts';
import { parseJson } from '../../shape.ts';

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

/**
 * The refusal that the downloader noted; undefined: it noted none. Helm hands the variable to every plugin that it calls, so anything
 * may be there, and only what the downloader could have written counts.
 */
export async function readRefusal(path: string): Promise<GateRefusal | undefined> {
  const bytes = await readRegular(path, NOTE_LIMIT).catch(() => undefined);
  return bytes && refusalIn(bytes);
}

function refusalIn(bytes: Uint8Array): GateRefusal | undefined {
  let noted: unknown;
  try {
    noted = parseJson(bytes);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
  const { href, diagnosis } = membersOf(noted);
  const { code: said, message, hint } = membersOf(diagnosis);
  if (typeof href !== 'string' || typeof message !== 'string') return undefined;
  const code = PASSED_ON.find((each) => each === said) ?? 'UNCHECKED';
  return { href, diagnosis: { code, message, ...(typeof hint === 'string' && { hint }) } };
}

function membersOf(value: unknown): Partial<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** What is the same for this run. Another code is that of a defect, or of usage, there and not here; or nobody knows it. */
const PASSED_ON: readonly ErrorCode[] = [
  'INPUT',
  'NOT_FOUND',
  'LOG_UNREACHABLE',
  'LOG_ANSWER',
  'LOG_REFUSED',
  'LOG_UNTRUSTED',
  'REJECTED',
];

const NOTE_LIMIT = 1 << 20;

/** Helm was not given the chart by our downloader, which says why. */
export class GateRefusedError extends SigstoreError {
  override readonly name = 'GateRefusedError';

  constructor(
    label: string,
    readonly refusal: GateRefusal,
  ) {
    const { code, message, hint } = refusal.diagnosis;
    super(code, `${label} does not come through the gate: ${message}`, hint);
  }
}
