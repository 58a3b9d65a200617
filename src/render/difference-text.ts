import type { Diagnosis } from '../errors.ts';
import type { Difference } from '../mirror/differences.ts';

/** The result of verifying a mirror. */
export interface VerifiedMirror {
  readonly directory: string;
  /** Of the manifest. */
  readonly sha256: string;
  readonly charts: number;
  readonly files: number;
  readonly isVerified: boolean;
  readonly differences: readonly Difference[];
  /** How many more differences there are. */
  readonly notShown: number;
}

/** The text of a mirror that was verified: it names every file that is missing, altered or additional. */
export function verifiedMirrorText(mirror: VerifiedMirror): string[] {
  const { directory, sha256, charts, files, isVerified, differences, notShown } = mirror;
  return [
    `${isVerified ? 'Mirror Verified' : 'Mirror Not Verified'}: ${directory}`,
    `Charts: ${charts}`,
    `Files: ${files}`,
    `Manifest: sha256:${sha256}`,
    ...differences.map(
      (difference) => `${WORD[difference.kind]}: ${difference.path}${comparison(difference)}`,
    ),
    ...(notShown > 0 ? [`Not Shown: ${notShown}`] : []),
  ];
}

/** The same, for JSON. */
export function verifiedMirrorMembers(mirror: VerifiedMirror): Record<string, unknown> {
  const { directory, sha256, charts, files, differences, notShown } = mirror;
  const manifest = { sha256 };
  const more = notShown > 0 ? { differencesNotShown: notShown } : {};
  return { mirror: { directory, charts, files, manifest, differences, ...more } };
}

/** What is wrong with one file, as an error. */
export function differenceDiagnosis(difference: Difference, directory: string): Diagnosis {
  const { kind, path, found = '' } = difference;
  if (kind === 'unreadable') return { code: 'INPUT', message: `cannot read ${directory}/${path}: ${found}` };
  const message = `${directory}/${path} is ${kind}${comparison(difference)}`;
  return { code: 'REJECTED', message, hint: HINT[kind] };
}

/** What is wrong with several files: one error for each kind of difference, which names the first files. */
export function diagnosesOf(differences: readonly Difference[], directory: string): Diagnosis[] {
  return (['missing', 'altered', 'additional', 'unreadable'] as const).flatMap((kind) => {
    const [first, ...others] = differences.filter((each) => each.kind === kind);
    if (first === undefined) return [];
    const diagnosis = differenceDiagnosis(first, directory);
    if (others.length === 0) return [diagnosis];
    const names = others.slice(0, NAMED - 1).map(({ path }) => path);
    const more = others.length > names.length ? ` and ${others.length - names.length} more` : '';
    return [{ ...diagnosis, message: `${diagnosis.message}; also ${kind}: ${names.join(', ')}${more}` }];
  });
}

/** The most files that one error names. */
const NAMED = 10;

const WORD: Record<Difference['kind'], string> = {
  missing: 'Missing',
  altered: 'Altered',
  additional: 'Additional',
  unreadable: 'Unreadable',
};

const AGAIN = 'get the mirror again, or make it again with helm sigstore mirror';
const HINT: Record<Exclude<Difference['kind'], 'unreadable'>, string> = {
  missing: AGAIN,
  altered: AGAIN,
  additional:
    'nobody vouches for it: remove it; what a run of helm sigstore mirror left that was stopped, the next one removes',
};

function comparison({ expected, found }: Difference): string {
  if (expected !== undefined) return ` (expected ${expected}, found ${found ?? 'nothing'})`;
  return found === undefined ? '' : ` (${found})`;
}
