import { lstat, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cut } from '../../encoding.ts';
import { messageOf, NotFoundError, SigstoreError } from '../../errors.ts';
import { runProgram, type EndedProgram } from '../../files/child-program.ts';
import { whyNotRun, type UsersHelm } from '../../files/users-helm.ts';
import type { Deadline } from '../../http/deadline.ts';
import type { ChartSource } from '../chart-files.ts';
import { GateRefusedError, readRefusal, REFUSAL_FILE } from './gate-refusal.ts';

/**
 * What `helm pull` is asked for. No credential is among it, as others can read the arguments of a process; but one that the user
 * has put there already.
 */
export interface PullWords {
  readonly label: string;
  /** The words behind `helm pull`, without those that say where to. */
  readonly words: readonly string[];
  /** How the chart was named: what to do about a failure depends on it. */
  readonly form: ChartSource['form'];
}

/** What `helm pull` brought. */
export interface Pulled {
  /** Paths. */
  readonly archive: string;
  readonly provenance: string | undefined;
  /** Bytes of the archive. */
  readonly size: number;
  /** As Helm named the archive. */
  readonly fileName: string;
}

/**
 * Lets Helm pull a chart with its provenance into a directory. The content cache of the user is not used, because what is
 * in it may come from another server; the index that the user has cached is.
 * @param directory an empty one of this run
 * @throws NotFoundError if Helm says that there is no such chart
 * @throws GateRefusedError if it is behind the gate, which does not give it
 * @throws SigstoreError `UNCHECKED` if it fails, does not end in time, or brings anything but one chart
 */
export async function helmPull(
  helm: UsersHelm,
  { label, words, form }: PullWords,
  directory: string,
  deadline: Deadline,
): Promise<Pulled> {
  const into = join(directory, 'pulled');
  await mkdir(into, { mode: 0o700 });
  const note = join(directory, 'refusal');
  const env = { ...helm.env, HELM_CONTENT_CACHE: join(directory, 'content'), [REFUSAL_FILE]: note };
  const argv = ['pull', ...words, '--prov', '--destination', into];
  const { status, said } = await run({ ...helm, env }, argv, deadline, label);
  if (status !== 0) {
    const refusal = await readRefusal(note);
    throw refusal ? new GateRefusedError(label, refusal) : failureOf({ label, form }, status, said);
  }
  return await broughtInto(into, label, said);
}

/** The most bytes of what Helm says that are kept, of each stream. */
const SAID_LIMIT = 16 << 10;

async function run(
  { program, env, platform }: UsersHelm,
  argv: readonly string[],
  deadline: Deadline,
  label: string,
): Promise<EndedProgram> {
  try {
    return await deadline.hold(({ signal }) =>
      runProgram({ program, argv, env, platform }, SAID_LIMIT, signal),
    );
  } catch (error) {
    const why = whyNotRun({ program }, error) ?? messageOf(error);
    throw new SigstoreError('UNCHECKED', `${label} was not pulled: ${why}`, undefined, { cause: error });
  }
}

function failureOf(
  { label, form }: Pick<PullWords, 'label' | 'form'>,
  status: number | undefined,
  said: string,
): SigstoreError {
  const words = shortened(wordsOf(said), 500);
  const how = status === undefined ? 'helm pull was ended' : `helm pull ended with status ${status}`;
  const message = `${label} was not pulled: ${how}: ${words}`;
  if (said.includes(REFUSES_PROVENANCE)) return new SigstoreError('UNCHECKED', message, USE_ANOTHER_HELM);
  if (NOT_THERE.some((words) => said.includes(words)) && !NOT_ASKED.test(said))
    return new NotFoundError(message, WHERE_TO_LOOK[form]?.(label));
  return new SigstoreError('UNCHECKED', message, hintForFailure(form, label, said));
}

function hintForFailure(form: ChartSource['form'], label: string, said: string): string | undefined {
  if (said.includes('server gave HTTP response to HTTPS client'))
    return 'the registry speaks plain http, which --insecure-plain-http allows';
  if (!NOT_LET_IN.test(said)) return undefined;
  if (form === 'oci')
    return `user and password are wrong, or not known: helm registry login ${label.split('/')[2] ?? 'HOST'}`;
  if (form === 'helm') return undefined;
  return 'user and password are wrong, or not known: helm repo add NAME URL --username USER --password-stdin --force-update keeps others';
}

/** What Helm says where a server does not know who asks, or does not let them. */
const NOT_LET_IN = /\b(?:401|403|unauthorized|Unauthorized|UNAUTHORIZED|denied|DENIED|Forbidden|forbidden)\b/;

/** Where to look for what there is, by how the chart was named. */
const WHERE_TO_LOOK: Readonly<Partial<Record<ChartSource['form'], (label: string) => string>>> = {
  repository: (label) =>
    `helm search repo ${label} --versions shows what is known of the repository; helm repo update fetches its index again`,
  'repository-url': () =>
    'look at the name and the version: the index.yaml of the repository has all that are there',
  oci: () => 'look at the name and the version: the publisher says which are there',
};

/** What Helm 3 and 4 say of a chart, a version, a repository or a tag that is not there. */
const NOT_THERE: readonly string[] = [
  'not found in ',
  'no chart version found',
  'no chart name found',
  ' not found\n',
  '404 Not Found',
  'ould not locate a version', // cspell:disable-line
  'improper constraint',
  'status code 404',
];

/** What Helm says where a program, a host or a token is missing, and the chart may be there. */
const NOT_ASKED = /not found in (?:\$|%)?PATH|: host not found\b|fetch (?:anonymous |oauth )?token: /;

/** What 3.18.0 says of every chart in a registry that has a provenance. */
const REFUSES_PROVENANCE = 'application/vnd.cncf.helm.chart.provenance.v1.prov" is not allowed';
const USE_ANOTHER_HELM =
  'Helm 3.18.0 pulls no chart with provenance from a registry: use a later one, or name the exact version, which helm sigstore fetches itself';

/** What Helm says, in one line: its error first. */
function wordsOf(said: string): string {
  const lines = said
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const error = lines.filter((line) => line.startsWith('Error:'));
  return (error.length > 0 ? error : lines).join('; ') || 'it said nothing';
}

function shortened(text: string, length: number): string {
  return text.length > length ? `${cut(text, length)}…` : text;
}

async function broughtInto(directory: string, label: string, said: string): Promise<Pulled> {
  const names = await readdir(directory).catch(() => []);
  const archives = names.filter((name) => name.endsWith('.tgz'));
  const [fileName] = archives;
  const others = names.filter((name) => name !== fileName && name !== `${fileName ?? ''}.prov`);
  if (fileName === undefined || archives.length > 1 || others.length > 0)
    throw new SigstoreError(
      'UNCHECKED',
      `${label} was not pulled: expected helm pull to bring one chart, found ${names.length} files: ${shortened(wordsOf(said), 300)}`,
    );
  const archive = join(directory, fileName);
  const provenance = names.length > 1 ? `${archive}.prov` : undefined;
  const found = await Promise.all(
    [archive, ...(provenance === undefined ? [] : [provenance])].map((path) => lstat(path)),
  );
  if (!found.every((each) => each.isFile()))
    throw new SigstoreError(
      'UNCHECKED',
      `${label} was not pulled: helm pull brought something that is no file`,
    );
  return { archive, provenance, fileName, size: found[0]?.size ?? 0 };
}
