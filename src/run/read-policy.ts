import type { KeyObject } from 'node:crypto';
import { dirname } from 'node:path';
import { decodeUtf8 } from '../encoding.ts';
import { InputError, MalformedError, messageOf, UsageError } from '../errors.ts';
import { isFileSystemError } from '../files/error-code.ts';
import { OutsideError, requireInside } from '../files/inside-folder.ts';
import { linkTarget } from '../files/link-target.ts';
import { TooLargeError } from '../files/regular-file.ts';
import { readUserFile } from '../files/user-file.ts';
import { chartRulesOf } from '../policy/chart-rules.ts';
import { parsePolicy, POLICY_LIMIT } from '../policy/parse-policy.ts';
import { PolicyError } from '../policy/policy-error.ts';
import type { Located } from '../policy/policy-members.ts';
import type { Policy } from '../policy/policy.ts';
import { OPTION_NAMES, OPTIONS, spellingOf, type OptionName } from '../settings/options.ts';
import type { Settings } from '../settings/settings.ts';
import { treeIdOfOrigin } from '../rekor/entry-id.ts';
import { parseCheckpoint } from '../tlog/checkpoint.ts';
import { decodeUserText } from '../user-text.ts';
import type { Context } from './context.ts';
import type { PolicyInForce } from './policy-in-force.ts';
import type { PolicyPlace } from './policy-place.ts';
import { spkiDigest, readSignerKey } from './signer-key.ts';

/**
 * Reads a policy, and what it names beside it.
 * @throws UsageError naming the line and the column of a mistake in it
 * @throws InputError if it, or a file that it names, cannot be read
 */
export async function readPolicy(place: Pick<PolicyPlace, 'path'>, context: Context): Promise<PolicyInForce> {
  const { path } = place;
  const policy = await policyIn(path, context);
  const [log] = policy.logs;
  const beside = async (files: readonly Located[]) =>
    await Promise.all(files.map((file) => requireFile(path, file)));
  const keyring = policy.keys && (await beside(policy.keys));
  const rekorPublicKey = log?.publicKeys && (await beside(log.publicKeys));
  const checkpoints = await beside(log?.checkpoints ?? []);
  const signerKeys = await signerKeysOf(policy, path, context);
  const keyIds = new Map([...signerKeys].map(([file, key]) => [file, spkiDigest(key)]));
  const root = policy.trustedRoot;
  const trustedRoot =
    root === undefined || root.value === 'sigstore' ? undefined : await requireFile(path, root);
  return {
    path,
    policy,
    rules: chartRulesOf(policy, context.now(), keyIds),
    signerKeys,
    keyIds,
    trustedRoot,
    chosen: {
      ...(log && { rekorServer: log.url.value }),
      ...(keyring && { keyring }),
      ...(rekorPublicKey && { rekorPublicKey }),
    },
    checkpoints: await Promise.all(checkpoints.map((file) => readCheckpointFile(file, context))),
  };
}

/**
 * The settings of a run under a policy: which keys, which log and how strictly is no longer a matter of flags.
 * @param taken the options of the command
 * @throws UsageError where a flag says one of these
 */
export function settingsUnder<Taken extends OptionName>(
  { path, chosen }: Pick<PolicyInForce, 'path' | 'chosen'>,
  settings: Settings<Taken>,
  taken: readonly OptionName[],
  { stderr }: Pick<Context, 'stderr'>,
): Settings<Taken> {
  const closed = CLOSED.filter((name) => taken.includes(name));
  const given = closed.find((name) => settings.isGiven(name));
  if (given !== undefined)
    throw new UsageError(
      `expected no ${spellingOf(given)} with a policy, found one: the policy ${path} says what counts`,
      'leave it out, or change the policy',
    );
  for (const name of closed) {
    const variable = settings.variableFor(name);
    if (variable !== undefined) stderr.warn(`${variable} is ignored: the policy ${path} says what counts`);
  }
  return settings.under(chosen, closed);
}

/** What a policy says in place of flags; and whatever weakens something. */
const CLOSED: readonly OptionName[] = OPTION_NAMES.filter(
  (name) =>
    ['keyring', 'publicKey', 'rekorServer', 'rekorPublicKey', 'trustedRoot'].includes(name) ||
    OPTIONS[name].flags.startsWith('--insecure-'),
);

/** The keys that items of the rules name. */
async function signerKeysOf(
  { rules }: Policy,
  path: string,
  { interrupted }: Context,
): Promise<Map<string, KeyObject>> {
  const keys = new Map<string, KeyObject>();
  for (const item of rules.flatMap(({ signedBy }) => signedBy))
    if (item.kind === 'key' && !keys.has(item.path))
      keys.set(
        item.path,
        await readSignerKey(await requireFile(path, { value: item.path, at: item.at }), interrupted),
      );
  return keys;
}

async function policyIn(path: string, { interrupted }: Context): Promise<Policy> {
  try {
    return parsePolicy(decodeUserText(await readUserFile(path, { limit: POLICY_LIMIT, interrupted })));
  } catch (error) {
    if (error instanceof InputError && error.cause instanceof TooLargeError)
      throw new UsageError(`the policy ${path}: ${error.cause.message}`);
    if (error instanceof InputError) {
      const why = error.cause === undefined ? 'there is no such file' : messageOf(error.cause);
      throw new InputError(`cannot read the policy ${path}: ${why}`, error.hint, { cause: error });
    }
    if (error instanceof PolicyError)
      throw new UsageError(`the policy ${path}: ${error.message}`, error.hint);
    if (error instanceof MalformedError) throw new UsageError(`the policy ${path}: ${error.message}`);
    throw error;
  }
}

/** The path of a file or folder that a policy names. */
async function requireFile(policy: string, { value, at }: Located): Promise<string> {
  const place = `the policy ${policy}: line ${at.line}, column ${at.column}`;
  let path: string | undefined;
  try {
    path = await requireInside(dirname(policy), value);
  } catch (error) {
    if (error instanceof OutsideError)
      throw new UsageError(`${place}: ${error.message}`, 'put the file itself beside the policy');
    if (isFileSystemError(error)) throw new InputError(`${place}: ${messageOf(error)}`);
    throw error;
  }
  if (path !== undefined) return path;
  const target = await linkTarget(policy);
  if (target === undefined) throw new InputError(`${place}: there is no file ${value} beside it`);
  throw new InputError(
    `${place}: there is no file ${value} beside it: it is a symbolic link, and what it names is looked for beside the link`,
    `name the file itself: ${target}`,
  );
}

/** A checkpoint of a log has some hundred bytes. */
const CHECKPOINT_LIMIT = 64 * 1024;

async function readCheckpointFile(path: string, { interrupted }: Context): Promise<string> {
  const bytes = await readUserFile(path, { limit: CHECKPOINT_LIMIT, interrupted });
  try {
    const text = decodeUtf8(bytes);
    treeIdOfOrigin(parseCheckpoint(text).origin);
    return text;
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new InputError(`expected ${path} to hold a checkpoint of the log: ${error.message}`);
  }
}
