import type { Answer } from '../cli/answer.ts';
import { defineCommand } from '../run/command.ts';
import type { RunContext } from '../run/context.ts';
import { Findings } from '../run/findings.ts';
import { chosenLog } from '../run/default-log.ts';
import { addedKeysDirectory, pluginDirectories, stateDirectory } from '../run/directories.ts';
import { historyDirectory } from '../run/history.ts';
import { Output } from '../cli/output.ts';
import { withConnection } from '../run/connection.ts';
import { readPolicy } from '../run/read-policy.ts';
import { policyPlace } from '../run/policy-place.ts';
import { examineRuntime } from '../run/runtime.ts';
import { requireTrusted, trustSelection } from '../run/trusted-keys.ts';
import { rekorServerOf, whatChoseLog } from '../settings/addresses.ts';
import {
  CONNECTION_OPTIONS,
  KEYRING_OPTIONS,
  TRUST_OPTIONS,
  type ConnectionOption,
  type KeyringOption,
  type TrustOption,
} from '../settings/option-groups.ts';
import { Settings } from '../settings/settings.ts';
import { openUserKeyring } from '../run/user-keyring.ts';
import { InputError, LogError } from '../errors.ts';
import type { BaseUrl } from '../http/base-url.ts';
import { proxyFor } from '../http/proxy-choice.ts';
import { examineHelm, examinePlugin, examineState } from '../installation/examination.ts';
import { conflictsIn, examineConflict, examineTrust } from '../installation/log-examination.ts';
import { namesOfKeys, ownerOf } from '../keyring/added-keys.ts';
import { askLogKeys } from '../rekor/log-keys.ts';
import { findingsText, ok, warning, type Found } from '../render/findings-text.ts';
import { PUBLIC_LOG } from '../trust/public-good.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';

export const doctor = defineCommand({
  description:
    'Examines what the other commands rely on: Node, Helm, how the plugin is installed, keyrings, the directory of ' +
    'state, trust in the log, proxies, and the log itself. It changes nothing.',
  examples: ['doctor', 'doctor --rekor-server https://rekor.example.com --output json'],
  options: [...TRUST_OPTIONS, ...CONNECTION_OPTIONS, ...KEYRING_OPTIONS, 'output'],
  run: examine,
});

async function examine(
  _: readonly string[],
  settings: Settings<TrustOption | ConnectionOption | KeyringOption>,
  context: RunContext,
): Promise<Answer> {
  const server = serverOf(settings);
  // The findings report what other commands would warn of on stderr.
  const quiet = { ...context, stderr: Output.toNowhere() };
  const select = server && trustSelection(settings, quiet);
  const findings = new Findings();
  let trusted: TrustedLog | undefined;
  await findings.look('Plugin', () => examinePlugin(context));
  const runtime = examineRuntime(context.env);
  await findings.look(runtime.subject, () => runtime);
  await findings.look('Helm', () => examineHelm(context));
  await findings.look('Keyring', () => examineKeyring(settings, quiet));
  await findings.look('Added Keys', () => examineAddedKeys(settings, context));
  await findings.look('State', () => examineState(stateDirectory(context)));
  await findings.look('Policy', () => examinePolicy(context));
  await examineGate(findings, quiet);
  await findings.look('Default Log', () => examineDefault(settings, context));
  if (server !== undefined && select !== undefined)
    await findings.look('Trust', async () => {
      trusted = requireTrusted({ server, trusted: await select() });
      return examineTrust(trusted, context.now());
    });
  for (const conflict of await conflictsIn(historyDirectory(context)))
    await findings.look('History', () => examineConflict(conflict, server?.href, trusted));
  if (server !== undefined) {
    await findings.look('Proxy', () =>
      ok(proxyFor(new URL(server.href), context.env)?.host ?? 'none for this log'),
    );
    await findings.look('Log', () => examineLog(trusted, settings, quiet));
  }
  return {
    status: findings.status,
    text: findingsText(findings.all),
    document: { findings: findings.all },
    diagnoses: findings.diagnoses,
  };
}

/** The log of this run; undefined where the user's choice of one cannot be read. @throws UsageError */
function serverOf(settings: Settings<'rekorServer'>): BaseUrl | undefined {
  try {
    return rekorServerOf(settings);
  } catch (thrown) {
    if (thrown instanceof InputError) return undefined;
    throw thrown;
  }
}

/** The policy that is obeyed where none is named, if there is one. */
async function examinePolicy(context: RunContext): Promise<Found> {
  const place = await policyPlace(new Settings<'policy'>({}, context.env), context);
  if (place === undefined) return ok('none: flags, variables and keyrings say what counts');
  const { policy } = await readPolicy(place, context);
  const { length } = policy.rules;
  return ok(
    `${place.path} (${length === 1 ? '1 rule' : `${length} rules`}), with keys and logs of its own where it names some`,
  );
}

/** The policy of the gate, where Helm has its downloader: it is another one than that of this program. */
async function examineGate(findings: Findings, context: RunContext): Promise<void> {
  const { findDownloaders } = await import('../installation/downloaders.ts');
  const { gatePlugins } = await import('../gate/gate-plugins.ts');
  const { own } = gatePlugins(await findDownloaders(pluginDirectories(context), context.env));
  if (own === undefined) return;
  const { examineGatePolicy } = await import('../gate/examine-policy.ts');
  await findings.look('Gate Policy', () => examineGatePolicy(own.policy, context));
}

/** Which log is used where none is named, and whether one is named here. */
async function examineDefault(settings: Settings<'rekorServer'>, context: RunContext): Promise<Found> {
  const chosen = await chosenLog(context);
  const origin = chosen === undefined ? "Sigstore's public log" : 'chosen by log use';
  const byDefault = `${chosen ?? PUBLIC_LOG} (${origin})`;
  const { from } = settings.given('rekorServer');
  if (from !== 'flag' && from !== 'variable') return ok(byDefault);
  return ok(`${byDefault}; ${whatChoseLog(settings)} names ${rekorServerOf(settings).href} here`);
}

async function examineKeyring(settings: Settings<KeyringOption>, context: RunContext): Promise<Found> {
  const { places } = await openUserKeyring(settings, context);
  const found = places.map(({ place, keys }) => `${place} (${keys === 1 ? '1 key' : `${keys} keys`})`);
  if (places.some(({ keys }) => keys > 0)) return ok(found.join(', '));
  const where = places.map(({ place }) => place).join(', ') || 'any place';
  const remedy =
    'add the keys of publishers whom you trust with helm sigstore keys add, or name their files with --keyring or --public-key';
  return warning(
    `no keys in ${where}, so signatures count only where an option or a policy names keys`,
    remedy,
  );
}

/** Where `keys add` keeps keys, and whether they count in this run. */
async function examineAddedKeys(
  settings: Settings<'keyring' | 'publicKey'>,
  context: RunContext,
): Promise<Found> {
  const directory = addedKeysDirectory(context);
  if (directory === undefined)
    return warning(
      'there is no place for them, so keys add can keep none',
      'set HELM_CONFIG_HOME to an absolute path',
    );
  const names = await namesOfKeys(directory);
  if (names === undefined) return ok(`${directory}, nothing there yet`);
  const { size } = new Set(names.map(ownerOf));
  const areReplaced = settings.all('keyring').length + settings.all('publicKey').length > 0;
  const found = `${directory} (${size === 1 ? '1 key' : `${size} keys`})`;
  return ok(areReplaced ? `${found}; other keys are named here, and replace these` : found);
}

/** Asks the log for its keys. Only `verify` checks which of them signed an entry. */
async function examineLog(
  trusted: TrustedLog | undefined,
  settings: Settings<TrustOption | ConnectionOption>,
  context: RunContext,
): Promise<Found> {
  const server = rekorServerOf(settings);
  const keys = await withConnection(server, settings, context, ({ connect }) => askLogKeys(connect().client));
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
}
