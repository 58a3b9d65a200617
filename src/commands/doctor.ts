import { execPath, version as nodeVersion } from 'node:process';
import type { Answer, CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { diagnose, statusOf } from '../cli/diagnose.ts';
import { stateDirectory } from '../cli/directories.ts';
import { worstStatus } from '../cli/exit-status.ts';
import { openConnection, requireTrusted, trustSelection } from '../cli/log.ts';
import type { Settings } from '../cli/settings.ts';
import { openUserKeyring } from '../cli/user-keyring.ts';
import { LogError, SigstoreError, type Diagnosis } from '../errors.ts';
import { proxyFor } from '../http/proxy-choice.ts';
import { helmVersion } from '../installation/helm-binary.ts';
import { howInstalled } from '../installation/plugin-directory.ts';
import { isThere, isWritable } from '../installation/state.ts';
import { askLogKeys } from '../rekor/log-keys.ts';
import { findingsText, type Finding } from '../render/findings-text.ts';
import { warningsAbout } from '../trust/sigstore-root.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';

export const doctor: CommandDefinition = {
  description:
    'Examines what the other commands rely on: Node, Helm, how the plugin is installed, keyrings, the directory of\n' +
    'state, trust in the log, proxies, and the log itself. It changes nothing.',
  examples: ['doctor', 'doctor --rekor-server https://rekor.example.com --output json'],
  options: [
    'rekorServer',
    'keyring',
    'publicKey',
    'fingerprint',
    'rekorPublicKey',
    'trustedRoot',
    'caFile',
    'timeout',
    'output',
  ],
  run: examine,
};

/** What an examination of one thing says about it, but for its name. */
type Found = Omit<Finding, 'subject'>;

async function examine(_: readonly string[], settings: Settings, context: Context): Promise<Answer> {
  const server = settings.rekorServer;
  // Findings say what would be said on stderr.
  const quiet = { ...context, stderr: { ...context.stderr, write: () => undefined } };
  const select = trustSelection(settings, quiet);
  const findings: Finding[] = [];
  const diagnoses: Diagnosis[] = [];
  const look = async (subject: string, work: () => Found | Promise<Found>): Promise<void> => {
    try {
      findings.push({ subject, ...(await work()) });
    } catch (thrown) {
      if (!(thrown instanceof SigstoreError)) throw thrown;
      const diagnosis = diagnose(thrown);
      findings.push({ subject, level: 'failed', found: diagnosis.message, remedy: diagnosis.hint });
      diagnoses.push(diagnosis);
    }
  };
  let trusted: TrustedLog | undefined;
  await look('Plugin', () => examinePlugin(context));
  await look('Node', () => ok(`${nodeVersion.slice(1)} (${execPath})`));
  await look('Helm', () => examineHelm(context));
  await look('Keyring', () => examineKeyring(settings, quiet));
  await look('State', () => examineState(context));
  await look('Trust', async () => {
    trusted = requireTrusted({ server, trusted: await select() });
    return examineTrust(trusted, context.now());
  });
  await look('Proxy', () => ok(proxyFor(new URL(server.href), context.env)?.host ?? 'none for this log'));
  await look('Log', () => examineLog(trusted, settings, quiet));
  return {
    status: worstStatus(diagnoses.map(statusOf)),
    text: findingsText(findings),
    document: { findings },
    diagnoses,
  };
}

async function examinePlugin({ env, version }: Context): Promise<Found> {
  const directory = env['HELM_PLUGIN_DIR'];
  if (!directory) return ok(`${version}, not started by Helm`);
  const installed = await howInstalled(directory);
  const origin = installed.from === 'directory' ? `the directory ${installed.target}` : installed.from;
  return ok(`${version} in ${directory}, installed from ${origin}`);
}

async function examineHelm({ env }: Context): Promise<Found> {
  const helm = env['HELM_BIN'];
  if (!helm) return ok('not started by Helm');
  const found = await helmVersion(helm, env);
  if (found === undefined) return warning(`${helm} does not tell its version`, 'put helm on the PATH');
  const [major = 0, minor = 0] = found.split('.').map(Number);
  if (major < 3 || (major === 3 && minor < 17))
    return warning(`${found} (${helm}), with which nobody tried this`, 'use Helm 3.17 or later, or Helm 4');
  if (found === '3.18.0')
    return warning(`${found} cannot pull a chart with its provenance from a registry`, 'use a later Helm');
  return ok(`${found} (${helm})`);
}

async function examineKeyring(settings: Settings, context: Context): Promise<Found> {
  const { places } = await openUserKeyring(settings, context);
  const found = places.map(({ place, keys }) => `${place} (${keys === 1 ? '1 key' : `${keys} keys`})`);
  if (places.some(({ keys }) => keys > 0)) return ok(found.join(', '));
  const where = places.map(({ place }) => place).join(', ') || 'any place';
  const remedy = 'import the keys of publishers with gpg --import, or name a file with --keyring';
  return warning(`no keys in ${where}, so no signature can be accepted`, remedy);
}

async function examineState(context: Context): Promise<Found> {
  const directory = stateDirectory(context);
  const remedy = 'set HELM_SIGSTORE_HOME to an absolute path';
  if (directory === undefined) return warning('there is no place for it, so nothing is remembered', remedy);
  if (!(await isWritable(directory)))
    return warning(`${directory} cannot be written, so nothing new is remembered`, remedy);
  return ok((await isThere(directory)) ? directory : `${directory}, nothing there yet`);
}

function examineTrust({ source, keys }: TrustedLog, now: number): Found {
  const [first] = source.root ? warningsAbout(source.root, now) : [];
  const found = `${keys.length === 1 ? '1 key' : `${keys.length} keys`} by ${source.detail}`;
  if (first === undefined) return ok(found);
  return warning(`${found}; ${first}`, 'helm sigstore trust update brings a new copy');
}

/** Asks the log for its keys. Which of them signed an entry is for `verify` to check. */
async function examineLog(
  trusted: TrustedLog | undefined,
  settings: Settings,
  context: Context,
): Promise<Found> {
  const server = settings.rekorServer;
  const connection = await openConnection(server, settings, context);
  try {
    const keys = await askLogKeys(connection.connect());
    const known = keys.filter(({ logId }) => trusted?.keys.some((key) => key.logId === logId));
    const found = `${server.href} answers`;
    if (trusted === undefined) return warning(`${found}, and none of its keys is trusted`, undefined);
    if (known.length === 0)
      throw new LogError(
        'LOG_UNTRUSTED',
        `${found} with the keys ${keys.map(({ logId }) => logId).join(', ')}, none of which is trusted`,
        'ask its operator whether it has a new key, and whether this is the address of the log',
      );
    if (server.warning !== undefined) return warning(`${found}; ${server.warning}`, 'use https');
    return ok(`${found}, and its key is trusted`);
  } finally {
    connection.close();
  }
}

function ok(found: string): Found {
  return { level: 'ok', found };
}

function warning(found: string, remedy: string | undefined): Found {
  return { level: 'warning', found, ...(remedy !== undefined && { remedy }) };
}
